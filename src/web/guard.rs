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
/// Against DNS rebinding: the owner of a web page elsewhere can let its name point to this machine, and so read what
/// only this machine may read. Such requests have that name in the `Host` header, so only known names are served.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    names: Vec<String>,
    /// Whether any address in numbers is one of ours: so where all of the machine's are listened on.
    any_address: bool,
    addresses: Vec<IpAddr>,
}

impl Hosts {
    /// The hosts of an address that is listened on: itself, and the loopback's names. `more` are other names under
    /// which it is reached.
    pub fn of(listen: SocketAddr, more: &[String]) -> Self {
        let ip = listen.ip();
        let names = more.iter().map(|name| name.to_ascii_lowercase()).chain(["localhost".to_owned()]).collect();
        let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        Self { names, any_address: ip.is_unspecified(), addresses: loopback.into_iter().chain([ip]).collect() }
    }

    /// Whether a `Host` header names one of them. The port does not count: a proxy has another.
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

    /// Whether a request is for one of them.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> bool {
        let mut named = request.headers().get_all(HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().is_ok_and(|host| self.know(host)),
            _ => false,
        };
        // An address in full says it too, and would count for more than the header.
        host && request.uri().authority().is_none_or(|authority| self.know(authority.as_str()))
    }

    /// A layer that refuses what a browser sends for a page of another site, on every route and by every method but
    /// those that only read. Forms need [`Self::sent_from_here`] too: the layer lets pass what names no origin, what a
    /// user's own click sends, and any origin where the browser says `same-origin`.
    pub(super) fn fence(&self) -> CsrfLayer {
        let proxies = self.names.iter().filter(|name| *name != "localhost");
        let origins = proxies.flat_map(|name| [format!("https://{name}"), format!("http://{name}")]);
        origins.fold(CsrfLayer::new(), |layer, origin| layer.clone().add_trusted_origin(origin).unwrap_or(layer))
    }

    /// Whether a form was sent from a page of this server itself, as the browser says. A page elsewhere can send one
    /// too, and so can one of this machine on another port; a proxy's name is known by itself, for it may hide its own.
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
        // Only a browser that says so itself vouches for a port that a proxy hides.
        let vouched = one(&site) == Some("same-origin") || !from.contains(':');
        let is_proxys = self.names.iter().any(|known| known != "localhost" && name.eq_ignore_ascii_case(known));
        (is_proxys && vouched) || one(&HOST).is_some_and(|host| from.eq_ignore_ascii_case(host))
    }
}

/// Adds what every answer says to the browser.
pub(super) fn protect(headers: &mut HeaderMap) {
    let resource = HeaderName::from_static("cross-origin-resource-policy");
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Under `no-referrer` a browser would hide where a form comes from, from this server too.
        (REFERRER_POLICY, "same-origin"),
        (resource, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page is as new as the registry: the browser asks each time.
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
        // Threat 27: each of these is 127.0.0.1 to some client, and none is a host that is known.
        for bad in
            ["127.1", "2130706433", "0x7f.0.0.1", "localhost.", "[::ffff:127.0.0.1]", "x.localhost", "%6cocalhost"]
        {
            assert!(!hosts.know(bad), "{bad}");
        }
        let everywhere = Hosts::of("0.0.0.0:80".parse().unwrap(), &[]);
        assert!(everywhere.know("192.168.0.7") && !everywhere.know("evil.example"));
    }
}
