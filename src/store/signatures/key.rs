//! The key that the user's git signs with by SSH: where it is, and what is public of it.

use std::fs;
use std::path::PathBuf;

use super::commit::trusted;
use super::ssh::{folder, write};
use crate::store::error::StoreError;
use crate::store::programs::Call;
use crate::store::repository::store::Store;

/// The key that the user's git signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningKey {
    /// A file: a private key, or a public one whose private one is beside it or in the agent.
    File(PathBuf),
    /// A public key in the setting itself; the agent has the private one.
    Literal(String),
}

/// What is public of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its type and the key itself, as `allowed_signers` has them.
    pub text: String,
    /// Its digest, as OpenSSH shows it: `SHA256:...`.
    pub fingerprint: String,
}

impl PublicKey {
    /// The key itself, in base64.
    pub fn base64(&self) -> &str {
        self.text.split_whitespace().nth(1).unwrap_or_default()
    }
}

impl Store {
    /// The key that git is set to sign with by SSH; none where it is not.
    pub fn signing_key(&self) -> Result<Option<SigningKey>, StoreError> {
        let failed = |e| StoreError::git("reading git's configuration", e);
        let mut config = self.git()?.config().map_err(failed)?;
        let asks = trusted(&config, "gpg.ssh.defaultKeyCommand").filter(|command| !command.is_empty());
        let config = config.snapshot().map_err(failed)?;
        if !config.get_str("gpg.format").is_ok_and(|format| format == "ssh") {
            return Ok(None);
        }
        let Ok(key) = config.get_string("user.signingkey") else {
            return asks.map_or(Ok(None), |command| default_key(&command));
        };
        Ok(match literal(&key) {
            Some(literal) => Some(SigningKey::Literal(literal.to_owned())),
            None => config.get_path("user.signingkey").ok().map(SigningKey::File),
        })
    }

    /// What is public of a key; none where its public file is not there.
    pub fn public_key(&self, key: &SigningKey) -> Result<Option<PublicKey>, StoreError> {
        let text = match key {
            SigningKey::Literal(text) => text.clone(),
            SigningKey::File(path) => {
                let mut beside = path.clone().into_os_string();
                beside.push(".pub");
                let is_public = path.extension().is_some_and(|end| end == "pub");
                match fs::read_to_string(if is_public { path.clone() } else { PathBuf::from(beside) }) {
                    Ok(text) => text,
                    Err(_) => return Ok(None),
                }
            }
        };
        let text = text.lines().next().unwrap_or_default().split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let program = self.ssh_keygen()?;
        let folder = folder()?;
        let file = folder.path().join("key.pub");
        write(&file, &format!("{text}\n"))?;
        let call = Call::new(&program, "ssh-keygen -l").args(["-l", "-E", "sha256", "-f"]).arg(&file);
        let said = call.run()?.text();
        let fingerprint = said.split_whitespace().find(|word| word.starts_with("SHA256:"));
        Ok(fingerprint.map(|fingerprint| PublicKey { text, fingerprint: fingerprint.to_owned() }))
    }
}

/// A public key that stands in a setting.
fn literal(setting: &str) -> Option<&str> {
    setting.strip_prefix("key::").or_else(|| setting.starts_with("ssh-").then_some(setting))
}

/// The first key that the user's command names, as git asks it (git-config(1), `gpg.ssh.defaultKeyCommand`).
fn default_key(command: &str) -> Result<Option<SigningKey>, StoreError> {
    let call = Call::new("sh", "gpg.ssh.defaultKeyCommand").args(["-c", command]);
    let said = call.run()?.success()?.text();
    Ok(said.lines().find_map(literal).map(|key| SigningKey::Literal(key.to_owned())))
}
