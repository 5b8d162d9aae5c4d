//! Posting to a webhook. Its address is the user's, and what is behind it is nobody's friend: it is public unless the user
//! says otherwise, it redirects nowhere, it has little time, and what it answers is not read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use ureq::http::{Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

/// How long a delivery may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest wait that a webhook can ask for before the next attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// An address that events are posted to.
#[derive(Debug)]
pub struct Webhook {
    address: String,
    secret: Option<Vec<u8>>,
    agent: Agent,
}

/// A message, and what its receiver knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for each attempt at the same message.
    pub id: String,
    /// When it is sent, in seconds since the Unix epoch.
    pub seconds: i64,
    /// The body, as JSON.
    pub body: String,
}

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// The next attempt may help, after this long where the webhook has said so.
    Yet(String, Option<Duration>),
    /// No attempt will help.
    Ever(String),
}

impl Webhook {
    /// A webhook, with the secret that its messages are signed with. `private` lets the address be of a private network, of
    /// this machine, or without TLS. Errors say why it is no address to post to.
    pub fn new(address: &str, secret: Option<Vec<u8>>, private: bool) -> Result<Self, String> {
        Self::with_patience(address, secret, private, PATIENCE)
    }

    fn with_patience(
        address: &str,
        secret: Option<Vec<u8>>,
        private: bool,
        patience: Duration,
    ) -> Result<Self, String> {
        let uri: Uri = address.parse().map_err(|_| "it is no address".to_owned())?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if private => {}
            Some("http") => return Err("it must begin with https://".into()),
            _ => return Err("it must begin with https:// and name a host".into()),
        }
        if uri.host().is_none_or(str::is_empty) || uri.authority().is_some_and(|host| host.as_str().contains('@')) {
            return Err("it must name a host, and no user".into());
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .https_only(!private)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(patience))
            .max_response_header_size(16 << 10)
            .user_agent(concat!("modelreg/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), Guarded { private });
        Ok(Self { address: address.to_owned(), secret, agent })
    }

    /// The host, which is all of the address that is ever told: the rest can hold a secret.
    pub fn host(&self) -> String {
        self.address.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default()
    }

    /// Posts a message once.
    pub fn post(&self, message: &Message) -> Result<(), Undelivered> {
        let mut request = self
            .agent
            .post(&self.address)
            .header("Content-Type", "application/json")
            .header("X-Modelreg-Delivery-Id", &message.id)
            .header("X-Modelreg-Timestamp", message.seconds.to_string());
        if let Some(secret) = &self.secret {
            request = request.header("X-Modelreg-Signature", signature(secret, message));
        }
        match request.send(message.body.as_bytes()) {
            Ok(response) => verdict(&response),
            Err(ureq::Error::Other(why)) if why.is::<NotPublic>() => Err(Undelivered::Ever(why.to_string())),
            Err(ureq::Error::BadUri(why)) => Err(Undelivered::Ever(why)),
            Err(error) => Err(Undelivered::Yet(error.to_string(), None)),
        }
    }
}

/// `v1,` and the HMAC-SHA256 of identity, time and body with dots between, in base64: as MLflow signs its own webhooks.
fn signature(secret: &[u8], message: &Message) -> String {
    let mut mac = match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    };
    mac.update(format!("{}.{}.{}", message.id, message.seconds, message.body).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn verdict(response: &Response<Body>) -> Result<(), Undelivered> {
    let status = response.status();
    let said = format!("it answered {status}");
    match status.as_u16() {
        200..300 => Ok(()),
        300..400 => Err(Undelivered::Ever(format!("{said}, and a webhook is posted to no other address"))),
        408 | 425 | 429 | 500.. => {
            let after = response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse().ok());
            Err(Undelivered::Yet(said, after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))))
        }
        _ => Err(Undelivered::Ever(said)),
    }
}

/// An address that only this machine or its network can reach.
#[derive(Debug, thiserror::Error)]
#[error("its host is at {0}, which is not public")]
struct NotPublic(IpAddr);

/// Resolves names, and refuses those of private addresses: the connection goes to what was looked at here, so that no second
/// answer of a name server counts.
#[derive(Debug)]
struct Guarded {
    private: bool,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        match found.iter().map(|address| address.ip()).find(|ip| !self.private && !is_public(*ip)) {
            Some(ip) => Err(ureq::Error::Other(Box::new(NotPublic(ip)))),
            None => Ok(found),
        }
    }
}

/// Whether an address is of the public internet, by the special-purpose registries of IANA (RFC 6890 and its updates).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || matches!(
            (a, b, c),
            (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) | (224.., ..)
        );
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, .., seventh, eighth] = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        // Those of IPv4 in another form: NAT64 and 6to4.
        (0x64, 0xff9b) => embedded(seventh, eighth),
        (0x2002, _) => embedded(second, ip.segments()[2]),
        (0x2001, 0 | 0xdb8) => false,
        // Global unicast is 2000::/3; a mapped IPv4 address is not in it.
        (0x2000..=0x3fff, _) => true,
        _ => ip.to_ipv4_mapped().is_some_and(is_public_v4),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::Instant;

    use super::*;

    #[test]
    fn safety_18_private_addresses_are_known_in_every_form() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn safety_18_an_address_is_refused_before_anything_is_sent() {
        for (address, private) in [
            ("http://hooks.example.com/", false),
            ("ftp://hooks.example.com/", true),
            ("file:///etc/passwd", true),
            ("hooks.example.com/x", true),
            ("https://user:secret@hooks.example.com/", false),
            ("https:///x", false),
            ("", true),
        ] {
            assert!(Webhook::new(address, None, private).is_err(), "{address}");
        }
        let message = Message { id: "x".into(), seconds: 0, body: "{}".into() };
        for address in ["https://127.0.0.1:1/", "https://localhost:1/", "https://[::1]:1/", "https://169.254.169.254/"]
        {
            let hook = Webhook::new(address, None, false).unwrap();
            let told = hook.post(&message).unwrap_err();
            assert!(matches!(&told, Undelivered::Ever(why) if why.contains("not public")), "{address}: {told:?}");
        }
    }

    /// A server that answers with this, and goes on with zeros where it is to.
    fn server(answer: &'static str, endless: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(answer.as_bytes());
            while endless && stream.write_all(&[0; 65536]).is_ok() {}
            // What hangs holds the line until the other side gives up.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        address
    }

    #[test]
    fn safety_18_what_hangs_is_left_and_what_answers_without_end_is_not_listened_to() {
        let message = Message { id: "x".into(), seconds: 0, body: "{}".into() };
        let post = |address: &str| {
            let started = Instant::now();
            let hook = Webhook::with_patience(address, None, true, Duration::from_millis(500)).unwrap();
            (hook.post(&message), started.elapsed())
        };
        let (told, took) = post(&server("", false));
        assert!(matches!(told, Err(Undelivered::Yet(..))) && took < Duration::from_secs(10), "{told:?} {took:?}");
        let (told, took) = post(&server("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", true));
        assert!(told.is_ok() && took < Duration::from_secs(10), "{told:?} {took:?}");
        let (told, _) = post(&server("HTTP/1.1 200 OK\r\nx: ", true));
        assert!(told.is_err(), "a head without end is no answer");
    }

    #[test]
    fn a_message_is_signed_with_its_identity_and_its_time() {
        let message = Message { id: "d1".into(), seconds: 1_767_323_045, body: "{}".into() };
        // printf 'd1.1767323045.{}' | openssl dgst -sha256 -hmac secret -binary | base64
        assert_eq!(signature(b"secret", &message), SIGNED);
        assert_ne!(signature(b"secret", &Message { seconds: 0, ..message }), SIGNED);
    }

    const SIGNED: &str = "v1,uSUGwOD8wxPMaEl8kxsZFY4Q+Mt5arg8HcB264RJ6Pc=";
}
