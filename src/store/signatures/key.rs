//! The SSH key with which the user's git signs, and its public part.

use std::fs;
use std::path::PathBuf;

use super::commit::trusted;
use super::ssh::{folder, write};
use crate::store::error::StoreError;
use crate::store::programs::Call;
use crate::store::repository::store::Store;

/// The SSH key with which the user's git signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningKey {
    /// A file with the private key, or with the public key if the private key is beside the file or in the agent.
    File(PathBuf),
    /// A public key in the setting itself; the agent has the private key.
    Literal(String),
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The type and the key in base64, as in `allowed_signers`.
    pub text: String,
    /// The digest in OpenSSH's form: `SHA256:...`.
    pub fingerprint: String,
}

impl PublicKey {
    /// The key itself, in base64.
    pub fn base64(&self) -> &str {
        self.text.split_whitespace().nth(1).unwrap_or_default()
    }
}

impl Store {
    /// The SSH key with which git is configured to sign; none without such a configuration.
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

    /// The public part of a key; none if the file with the public key is missing.
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

/// The public key in a setting's value.
fn literal(setting: &str) -> Option<&str> {
    setting.strip_prefix("key::").or_else(|| setting.starts_with("ssh-").then_some(setting))
}

/// The first key in the output of the user's command, as git runs it (git-config(1), `gpg.ssh.defaultKeyCommand`).
fn default_key(command: &str) -> Result<Option<SigningKey>, StoreError> {
    let call = Call::new("sh", "gpg.ssh.defaultKeyCommand").args(["-c", command]);
    let said = call.run()?.success()?.text();
    Ok(said.lines().find_map(literal).map(|key| SigningKey::Literal(key.to_owned())))
}
