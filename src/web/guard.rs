//! The check of host names, and the security headers of every response.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use tower_http::csrf::CsrfLayer;

/// The content security policy: only resources of this server, no inline scripts or styles, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The host names that the dashboard serves.
///
/// Against DNS rebinding: a foreign web site can let its own host name point to this machine, and then read pages that
/// are only for this machine. Such requests have the foreign name in the `Host` header, so only known names are served.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    names: Vec<String>,
    /// Whether every IP address is allowed, because the server listens on all addresses of the machine.
    any_address: bool,
    addresses: Vec<IpAddr>,
}

impl Hosts {
    /// The hosts of a server that listens on an address: the address itself, the loopback names, and the names in
    /// `more`.
    pub fn of(listen: SocketAddr, more: &[String]) -> Self {
        let ip = listen.ip();
        let names = more.iter().map(|name| name.to_ascii_lowercase()).chain(["localhost".to_owned()]).collect();
        let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        Self { names, any_address: ip.is_unspecified(), addresses: loopback.into_iter().chain([ip]).collect() }
    }

    /// Whether a `Host` header is known. The port is ignored, because a proxy has another port.
    fn know(&self, host: &str) -> bool {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, port)) => (name, port),
            None => host.split_at(host.find(':').unwrap_or(host.len())),
        };
        let digits = port.strip_prefix(':').unwrap_or(port);
        if (!port.is_empty() && !port.starts_with(':')) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        match name.parse::<IpAddr>() {
            Ok(ip) => self.any_address || self.addresses.contains(&ip),
            Err(_) => self.names.iter().any(|known| name.eq_ignore_ascii_case(known)),
        }
    }

    /// Whether a request is for a known host.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> bool {
        let mut named = request.headers().get_all(HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().is_ok_and(|host| self.know(host)),
            _ => false,
        };
        // An absolute request target contains the host too, and takes precedence over the header.
        host && request.uri().authority().is_none_or(|authority| self.know(authority.as_str()))
    }

    /// A layer that refuses cross-site requests of browsers, on all routes and for all methods but those that only
    /// read. Forms need [`Self::sent_from_here`] too, because the layer accepts requests without an origin, requests by
    /// a user's own click, and any origin with `Sec-Fetch-Site: same-origin`.
    pub(super) fn fence(&self) -> CsrfLayer {
        let proxies = self.names.iter().filter(|name| *name != "localhost");
        let origins = proxies.flat_map(|name| [format!("https://{name}"), format!("http://{name}")]);
        origins.fold(CsrfLayer::new(), |layer, origin| layer.clone().add_trusted_origin(origin).unwrap_or(layer))
    }

    /// Whether a form was sent from a page of this server, by the browser's headers. Pages of other sites, or of other
    /// ports of this machine, can send forms too. Names in `more` belong to a proxy and may have any port.
    pub(super) fn sent_from_here(&self, headers: &HeaderMap) -> bool {
        let one = |name: &HeaderName| {
            let mut all = headers.get_all(name).iter();
            all.next().filter(|_| all.next().is_none()).and_then(|value| value.to_str().ok())
        };
        let site = HeaderName::from_static("sec-fetch-site");
        if headers.contains_key(&site) && one(&site) != Some("same-origin") {
            return false;
        }
        let Some(origin) = one(&ORIGIN) else { return false };
        let Some(from) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else {
            return false;
        };
        let name = from.split_once(':').map_or(from, |(name, _)| name);
        // With a port, only `Sec-Fetch-Site` proves that the origin is the proxy's.
        let vouched = one(&site) == Some("same-origin") || !from.contains(':');
        let is_proxys = self.names.iter().any(|known| known != "localhost" && name.eq_ignore_ascii_case(known));
        (is_proxys && vouched) || one(&HOST).is_some_and(|host| from.eq_ignore_ascii_case(host))
    }
}

/// Adds the security headers of every response.
pub(super) fn protect(headers: &mut HeaderMap) {
    let resource = HeaderName::from_static("cross-origin-resource-policy");
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer`, browsers hide the origin of a form from this server too.
        (REFERRER_POLICY, "same-origin"),
        (resource, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Browsers must revalidate pages, because the registry can change at any time.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_hosts_are_answered() {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap(), &["registry.example.com".into()]);
        for good in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:9", "[::1]", "registry.example.com"] {
            assert!(hosts.know(good), "{good}");
        }
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.7:8080",
            "localhost:8080@evil.example",
            "localhost:x",
            "[::1]x",
            "[::2]",
            "",
        ] {
            assert!(!hosts.know(bad), "{bad}");
        }
        let from = |headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            hosts.sent_from_here(&headers.collect())
        };
        let host = ("host", "127.0.0.1:8080");
        for good in [
            &[host, ("origin", "http://127.0.0.1:8080")][..],
            &[host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")],
            &[host, ("origin", "https://registry.example.com")],
            &[host, ("origin", "https://Registry.example.com:8443"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(from(good), "{good:?}");
        }
        for bad in [
            &[host][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://evil.example")],
            &[host, ("origin", "https://registry.example.com.evil.example")],
            &[host, ("origin", "http://127.0.0.1:9090")],
            &[host, ("origin", "http://localhost")],
            &[host, ("origin", "http://registry.example.com:5923")],
            &[host, ("origin", "127.0.0.1:8080")],
            &[host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "cross-site")],
            &[host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-site")],
            &[host, ("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        ] {
            assert!(!from(bad), "{bad:?}");
        }
        // Threat 27: some clients read each of these as 127.0.0.1, but none is a known host.
        for bad in
            ["127.1", "2130706433", "0x7f.0.0.1", "localhost.", "[::ffff:127.0.0.1]", "x.localhost", "%6cocalhost"]
        {
            assert!(!hosts.know(bad), "{bad}");
        }
        let everywhere = Hosts::of("0.0.0.0:80".parse().unwrap(), &[]);
        assert!(everywhere.know("192.168.0.7") && !everywhere.know("evil.example"));
    }
}
