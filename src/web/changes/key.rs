//! The key that the server prints at its start, and the values derived from it.

use std::fmt;

use anyhow::Result;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base16ct::lower::encode_string;
use sha2::{Digest as _, Sha256};

/// The key that allows changes from the pages. It is new at each start, and printed to the server's terminal.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// A new key, of 128 random bits.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
        Ok(Self(encode_string(&bytes)))
    }

    /// The key as text, for the terminal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text is the key.
    pub(super) fn is(&self, text: &str) -> bool {
        equal(&self.0, text.trim())
    }

    /// The token in every form against cross-site requests: other sites cannot read a page, and so do not know the
    /// token.
    pub(in crate::web) fn token(&self) -> String {
        self.made_for("form")
    }

    /// Whether a form's token is valid.
    pub(super) fn is_token(&self, text: &str) -> bool {
        equal(&self.token(), text)
    }

    /// The cookie of a browser that has entered the key. Its name depends on the key, because browsers share cookies
    /// between servers on different ports of one host.
    pub(super) fn cookie(&self, secure: bool) -> String {
        let (name, value) = (self.cookie_name(), self.made_for("cookie"));
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{}", if secure { "; Secure" } else { "" })
    }

    pub(super) fn is_in_cookies(&self, headers: &HeaderMap) -> bool {
        let (name, value) = (self.cookie_name(), self.made_for("cookie"));
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs = cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(known, shown)| known == name && equal(&value, shown))
    }

    fn cookie_name(&self) -> String {
        format!("modelreg-{}", &self.made_for("name")[..8])
    }

    /// A value derived from the key for one purpose. It does not reveal the key.
    fn made_for(&self, purpose: &str) -> String {
        encode_string(&Sha256::digest(format!("modelreg {purpose} {}", self.0)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Whether two texts are equal. The running time depends only on their digests, so it does not reveal the texts.
fn equal(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_itself_is_accepted() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        assert!(key.is(key.as_str()) && key.as_str().len() == 32);
        assert!(!key.is(other.as_str()) && !key.is("") && !key.is(&key.as_str()[..31]));
        assert!(key.is_token(&key.token()) && !key.is_token(&other.token()) && !key.is_token(key.as_str()));
        assert!(!format!("{key:?}").contains(key.as_str()));
    }

    #[test]
    fn the_cookie_is_accepted_and_does_not_contain_the_key() {
        let (key, other) = (Key::random().unwrap(), Key::random().unwrap());
        let cookie = |key: &Key| key.cookie(false).split(';').next().unwrap().to_owned();
        assert!(!key.cookie(true).contains(key.as_str()) && key.cookie(true).ends_with("; Secure"));
        let shown = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookies.parse().unwrap());
            key.is_in_cookies(&headers)
        };
        assert!(shown(&cookie(&key)));
        assert!(shown(&format!("a=b; {}; {}", cookie(&other), cookie(&key))));
        assert!(!shown(&cookie(&other)));
        assert!(!shown(&format!("{}=x", key.cookie_name())));
        assert!(!key.is_in_cookies(&HeaderMap::new()));
    }
}
