//! Posting to a webhook. The server at the address is not trusted: the address must be public unless the user allows
//! private ones, redirects are not followed, the time is limited, and the body of the answer is not read.

use std::net::IpAddr;
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

use crate::model::host::{Reach, reach, reach_of};

/// The maximum time of a delivery.
const PATIENCE: Duration = Duration::from_secs(30);

/// The maximum of `Retry-After` before the next attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// An address that events are posted to.
#[derive(Debug)]
pub struct Webhook {
    address: String,
    secret: Option<Vec<u8>>,
    agent: Agent,
}

/// A message with its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id; the same in each attempt.
    pub id: String,
    /// The time of sending, in seconds since the Unix epoch.
    pub seconds: i64,
    /// The body, as JSON.
    pub body: String,
}

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// A later attempt may succeed, after the time that the webhook named, if any.
    Yet(String, Option<Duration>),
    /// No attempt will succeed.
    Ever(String),
}

impl Webhook {
    /// A webhook. `secret` signs the messages. `private` allows addresses of private networks, of this machine, and
    /// without TLS. Errors: the reason why the address is not allowed.
    pub fn new(address: &str, secret: Option<Vec<u8>>, private: bool) -> Result<Self, String> {
        Self::with(address, secret, PATIENCE, Guarded { private, names: DefaultResolver::default() })
    }

    fn with(
        address: &str,
        secret: Option<Vec<u8>>,
        patience: Duration,
        names: Guarded<impl Resolver>,
    ) -> Result<Self, String> {
        let private = names.private;
        let uri: Uri = address.parse().map_err(|_| "it is not a valid address".to_owned())?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if private => {}
            Some("http") => return Err("it must begin with https://".into()),
            _ => return Err("it must begin with https:// and name a host".into()),
        }
        if uri.host().is_none_or(str::is_empty) || uri.authority().is_some_and(|host| host.as_str().contains('@')) {
            return Err("it must name a host, and no user".into());
        }
        // Host names are checked by their addresses when a message is sent.
        let reach = reach_of(uri.host().unwrap_or_default()).map_err(|why| format!("its host is invalid: {why}"))?;
        if !private && reach.is_some_and(|reach| reach != Reach::Public) {
            return Err("its host is not public".into());
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
        let agent = Agent::with_parts(config, DefaultConnector::default(), names);
        Ok(Self { address: address.to_owned(), secret, agent })
    }

    /// The host. Messages show only this part of the address, because the rest can contain a secret.
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

/// `v1,` and the HMAC-SHA256 of id, time and body, joined by dots, in base64: the format of MLflow's webhooks.
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
    let said = format!("the webhook answered {status}");
    match status.as_u16() {
        200..300 => Ok(()),
        300..400 => Err(Undelivered::Ever(format!("{said}, and modelreg does not follow redirects"))),
        408 | 425 | 429 | 500.. => {
            let after = response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse().ok());
            Err(Undelivered::Yet(said, after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT))))
        }
        _ => Err(Undelivered::Ever(said)),
    }
}

/// An address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("its host has the address {0}, which is not public")]
struct NotPublic(IpAddr);

/// Resolves host names, and refuses private addresses. The connection uses the addresses that were checked here, so a
/// second answer of a name server has no effect.
#[derive(Debug)]
struct Guarded<R> {
    private: bool,
    names: R,
}

impl<R: Resolver> Resolver for Guarded<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        match found.iter().map(|address| address.ip()).find(|ip| !self.private && reach(*ip) != Reach::Public) {
            Some(ip) => Err(ureq::Error::Other(Box::new(NotPublic(ip)))),
            None => Ok(found),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;
    use std::net::{SocketAddr, TcpListener};
    use std::sync::Mutex;
    use std::time::Instant;

    use super::*;

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
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "localhost",
            "localhost.",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "10.0.0.1",
            "[64:ff9b::a00:1]",
            "metadata.google.internal",
            "%31%32%37.1",
            "[fe80::1%25lo]",
        ] {
            let address = format!("https://{host}:1/");
            assert!(Webhook::new(&address, None, false).is_err(), "{address}");
        }
        assert!(Webhook::new("https://hooks.example.com/", None, false).is_ok());
        assert!(Webhook::new("http://127.0.0.1:1/", None, true).is_ok());
    }

    /// A name server that gives these answers, one after the other.
    #[derive(Debug)]
    struct Answers(Mutex<Vec<SocketAddr>>);

    impl Resolver for Answers {
        fn resolve(
            &self,
            _: &Uri,
            _: &ureq::config::Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let mut found = self.empty();
            found.push(self.0.lock().unwrap().remove(0));
            Ok(found)
        }
    }

    #[test]
    fn safety_18_a_name_is_judged_at_each_look_up() {
        let message = Message { id: "x".into(), seconds: 0, body: "{}".into() };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        for ip in ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"] {
            let names = Answers(Mutex::new(vec![SocketAddr::new(ip.parse().unwrap(), here.port())]));
            let guarded = Guarded { private: false, names };
            let hook = Webhook::with("https://hooks.example.com/", None, PATIENCE, guarded).unwrap();
            let result = hook.post(&message).unwrap_err();
            assert!(matches!(&result, Undelivered::Ever(why) if why.contains("not public")), "{ip}: {result:?}");
        }
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "a connection was made");
    }

    #[test]
    fn safety_18_a_message_goes_to_the_address_that_was_judged() {
        let message = Message { id: "x".into(), seconds: 0, body: "{}".into() };
        let judged = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false);
        let judged: SocketAddr = judged.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        // A second look-up would find no answer, and end the test.
        let names = Answers(Mutex::new(vec![judged]));
        let guarded = Guarded { private: true, names };
        let hook = Webhook::with("http://hooks.example.com/", None, PATIENCE, guarded).unwrap();
        assert_eq!(hook.post(&message), Ok(()));
    }

    /// A server that sends an answer; if `endless`, followed by zeros without end.
    fn server(answer: &'static str, endless: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(answer.as_bytes());
            while endless && stream.write_all(&[0; 65536]).is_ok() {}
            // Keeps the connection open until the client closes it.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        address
    }

    #[test]
    fn safety_18_what_hangs_is_left_and_what_answers_without_end_is_not_listened_to() {
        let message = Message { id: "x".into(), seconds: 0, body: "{}".into() };
        let post = |address: &str| {
            let started = Instant::now();
            let guarded = Guarded { private: true, names: DefaultResolver::default() };
            let hook = Webhook::with(address, None, Duration::from_millis(500), guarded).unwrap();
            (hook.post(&message), started.elapsed())
        };
        let (result, took) = post(&server("", false));
        assert!(matches!(result, Err(Undelivered::Yet(..))) && took < Duration::from_secs(10), "{result:?} {took:?}");
        let (result, took) = post(&server("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", true));
        assert!(result.is_ok() && took < Duration::from_secs(10), "{result:?} {took:?}");
        let (result, _) = post(&server("HTTP/1.1 200 OK\r\nx: ", true));
        assert!(result.is_err(), "a head without end is not an answer");
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
