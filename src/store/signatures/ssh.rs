//! Making and verifying SSH signatures with `ssh-keygen -Y` (OpenSSH 8.0 and later), which supports keys, agents and
//! the allowed-signers file.
//!
//! The format of signatures is OpenSSH's `PROTOCOL.sshsig`; the format of the file is in the manual page
//! `ssh-keygen(1)`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::commit::{trusted, trusted_path};
use super::key::SigningKey;
use super::verdicts::Verdicts;
use crate::model::{Purpose, Timestamp, UserId};
use crate::store::error::StoreError;
use crate::store::programs::Call;
use crate::store::repository::store::Store;

/// The maximum size of a signature, in bytes. Signatures of the largest keys in use have about two thousand bytes.
const LARGEST: usize = 16 << 10;

impl Store {
    /// The program that signs and verifies, from the user's or the system's settings, never from the repository's.
    pub(in crate::store) fn ssh_keygen(&self) -> Result<String, StoreError> {
        let config = self.git()?.config().map_err(|e| StoreError::git("reading git's configuration", e))?;
        Ok(trusted(&config, "gpg.ssh.program").unwrap_or_else(|| "ssh-keygen".into()))
    }

    /// Signs a text. Returns the signature in its text form.
    pub fn sign(&self, key: &SigningKey, namespace: &str, text: &str) -> Result<String, StoreError> {
        let program = self.ssh_keygen()?;
        let folder = folder()?;
        let message = folder.path().join("message");
        write(&message, text)?;
        let mut call = Call::new(&program, "ssh-keygen -Y sign").args(["-Y", "sign", "-n", namespace, "-f"]);
        call = match key {
            SigningKey::File(path) => call.arg(path),
            SigningKey::Literal(literal) => {
                let file = folder.path().join("key.pub");
                write(&file, &format!("{literal}\n"))?;
                call.arg(file).arg("-U")
            }
        };
        call.arg("--").arg(&message).run()?.success()?;
        let made = folder.path().join("message.sig");
        fs::read_to_string(&made).map_err(|e| StoreError::io("reading", &made, e))
    }

    /// A verifier of signatures with a cache of verdicts.
    pub fn verifier(&self, memory: &Arc<Verdicts>) -> Result<Verifier, StoreError> {
        let memory = Arc::clone(memory);
        Ok(Verifier { program: self.ssh_keygen()?, revoked: self.revoked()?, memory })
    }

    /// The list of revoked keys from the user's or the system's settings (git-config(1), `gpg.ssh.revocationFile`). A
    /// repository's own setting is ignored, because it could name any file of the machine.
    fn revoked(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let config = self.git()?.config().map_err(|e| StoreError::git("reading git's configuration", e))?;
        let Some(path) = trusted_path(&config, "gpg.ssh.revocationFile") else { return Ok(None) };
        fs::read(&path).map(Some).map_err(|e| StoreError::io("reading the revoked keys in", &path, e))
    }
}

/// Verifies signatures, with a cache of verdicts. The cache's key covers all inputs of a verdict.
#[derive(Debug)]
pub struct Verifier {
    program: String,
    /// The list of revoked keys, in OpenSSH's format.
    revoked: Option<Vec<u8>>,
    memory: Arc<Verdicts>,
}

impl Verifier {
    /// Verifies that a signature covers the text and was made at the time `at` with a key that the allowed-signers text
    /// lists for the person and the namespace. The inner error is the reason why not.
    pub fn verify(
        &self,
        signers: &str,
        by: &UserId,
        purpose: Purpose,
        text: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>, StoreError> {
        if signature.len() > LARGEST || !signature.trim_start().starts_with("-----BEGIN SSH SIGNATURE-----") {
            return Ok(Err("the signature is not an SSH signature".into()));
        }
        if signers.trim().is_empty() {
            return Ok(Err("the registry has no `allowed_signers`".into()));
        }
        let claim = Claim { signers, by, purpose, text, signature, at };
        let digest = claim.digest(self.revoked.as_deref().unwrap_or_default());
        if let Some(verdict) = self.memory.recall(&digest) {
            return Ok(verdict);
        }
        let (verdict, is_final) = self.ask(&claim)?;
        if is_final {
            self.memory.keep(digest, &verdict);
        }
        Ok(verdict)
    }

    /// The verdict of `ssh-keygen`, and whether it is final: a program that was killed has given no verdict.
    fn ask(&self, claim: &Claim<'_>) -> Result<(Result<(), String>, bool), StoreError> {
        let folder = folder()?;
        let (list, file) = (folder.path().join("signers"), folder.path().join("signature"));
        write(&list, claim.signers)?;
        write(&file, claim.signature)?;
        let by = claim.by;
        let time = claim.at.utc().format("-Overify-time=%Y%m%d%H%M%SZ").to_string();
        let run = |revoked: Option<&Path>| {
            let call = Call::new(&self.program, "ssh-keygen -Y verify");
            let call = call.args(["-Y", "verify", "-n", claim.purpose.namespace(), "-I", by.as_str(), &time, "-f"]);
            let call = call.arg(&list).arg("-s").arg(&file);
            call.args(revoked.iter().flat_map(|file| [Path::new("-r"), file])).input(claim.text).run()
        };
        let output = run(None)?;
        let is_final = output.status.code().is_some();
        if !output.status.success() {
            let said = [output.stderr.as_slice(), &output.stdout].concat();
            return Ok((Err(reason(&String::from_utf8_lossy(&said), by, claim.purpose)), is_final));
        }
        let Some(revoked) = &self.revoked else { return Ok((Ok(()), is_final)) };
        // A separate call, because OpenSSH does not report a revoked key as the reason.
        let file = folder.path().join("revoked");
        fs::write(&file, revoked).map_err(|e| StoreError::io("writing", &file, e))?;
        let status = run(Some(&file))?.status;
        let verdict = if status.success() { Ok(()) } else { Err(format!("the key of `{by}` was revoked")) };
        Ok((verdict, status.code().is_some()))
    }
}

/// The statement that a person made a signature over a text at a time.
struct Claim<'a> {
    signers: &'a str,
    by: &'a UserId,
    purpose: Purpose,
    text: &'a str,
    signature: &'a str,
    at: Timestamp,
}

impl Claim<'_> {
    /// The key of the verdict in the cache: a digest of all inputs, each with its length.
    fn digest(&self, revoked: &[u8]) -> String {
        let time = self.at.rfc3339();
        let texts = [self.signers, self.by.as_str(), self.purpose.namespace(), self.text, self.signature, &time];
        let mut hash = Sha256::new();
        for part in texts.map(str::as_bytes).iter().chain(&[revoked]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        base16ct::lower::encode_string(&hash.finalize())
    }
}

/// The reason in the message of `ssh-keygen`, in the terms of a review.
fn reason(said: &str, by: &UserId, purpose: Purpose) -> String {
    let said = said.to_lowercase();
    if said.contains("expired") || said.contains("not yet valid") {
        format!("the key of `{by}` was not valid at that time")
    } else if said.contains("namespace") {
        format!("the signature was made for another purpose than {}", purpose.word())
    } else if said.contains("incorrect signature") {
        "the signature covers another statement".into()
    } else if said.contains("no principal matched")
        || said.contains("key is not permitted")
        || said.contains("could not verify")
    {
        format!("`allowed_signers` does not list the signature's key for `{by}`")
    } else {
        format!("ssh-keygen says: {}", said.lines().next().unwrap_or("nothing").trim())
    }
}

pub(in crate::store) fn folder() -> Result<TempDir, StoreError> {
    tempfile::Builder::new()
        .prefix("modelreg-")
        .tempdir()
        .map_err(|e| StoreError::io("creating a temporary folder in", &std::env::temp_dir(), e))
}

pub(in crate::store) fn write(path: &Path, text: &str) -> Result<(), StoreError> {
    fs::write(path, text).map_err(|e| StoreError::io("writing", path, e))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::store::test_clone::Clone;

    /// A clone with keys of its own.
    struct Keys {
        clone: Clone,
        store: Store,
    }

    impl Keys {
        fn new() -> Self {
            let clone = Clone::with(&[("registry.toml", "format = 1\nname = \"acme\"\n")]);
            let store = Store::discover(&clone.dir()).unwrap();
            Self { clone, store }
        }

        fn make(&self, name: &str) -> (SigningKey, String) {
            let path = self.clone.path(name);
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(&path)
                .status();
            assert!(made.unwrap().success());
            (SigningKey::File(path), self.clone.read(&format!("{name}.pub")).trim().to_owned())
        }
    }

    const NS: Purpose = Purpose::Approval;

    fn ada() -> UserId {
        UserId::new("ada@example.com").unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-01-02T03:04:05Z").unwrap()
    }

    #[test]
    fn a_signature_is_valid_for_one_text_person_namespace_and_time() {
        let keys = Keys::new();
        let (key, public) = keys.make("ada");
        let (_, other) = keys.make("eve");
        let signers = format!("ada@example.com {public}\neve@example.com {other}\n");
        let signature = keys.store.sign(&key, NS.namespace(), "text\n").unwrap();
        let verifier = keys.store.verifier(&Arc::default()).unwrap();
        let verify = |signers: &str, by: &str, ns: Purpose, text: &str| {
            verifier.verify(signers, &UserId::new(by).unwrap(), ns, text, &signature, now()).unwrap()
        };
        assert_eq!(verify(&signers, "ada@example.com", NS, "text\n"), Ok(()));
        assert!(verify(&signers, "ada@example.com", NS, "text").unwrap_err().contains("another statement"));
        assert!(verify(&signers, "eve@example.com", NS, "text\n").unwrap_err().contains("does not list"));
        assert!(verify(&signers, "ada@example.com", Purpose::Request, "text\n").is_err());
        assert!(verify("", "ada@example.com", NS, "text\n").is_err());
        assert!(verify("# none\n", "ada@example.com", NS, "text\n").unwrap_err().contains("does not list"));
        let for_git = format!("ada@example.com namespaces=\"git\" {public}\n");
        assert!(verify(&for_git, "ada@example.com", NS, "text\n").is_err());
        for (options, good) in [
            ("valid-before=\"20250101\"", false),
            ("valid-after=\"20250101\"", true),
            ("valid-after=\"20270101\"", false),
        ] {
            let timed = format!("ada@example.com {options} {public}\n");
            assert_eq!(verify(&timed, "ada@example.com", NS, "text\n").is_ok(), good, "{options}");
        }
        let garbage =
            verifier.verify(&signers, &ada(), NS, "text\n", "-----BEGIN SSH SIGNATURE-----\nAAAA\n", now()).unwrap();
        assert!(garbage.is_err());
        assert!(verifier.verify(&signers, &ada(), NS, "text\n", "none", now()).unwrap().is_err());
    }

    #[test]
    fn a_verdict_is_cached_with_all_its_inputs() {
        let keys = Keys::new();
        let (key, public) = keys.make("ada");
        let signers = format!("ada@example.com {public}\n");
        let signature = keys.store.sign(&key, NS.namespace(), "text").unwrap();
        let cache = keys.clone.path("cache");
        let ask = |program: &str, signers: &str| {
            let mut verifier = keys.store.verifier(&Arc::new(Verdicts::in_folder(Some(&cache)))).unwrap();
            verifier.program = program.into();
            verifier.verify(signers, &ada(), NS, "text", &signature, now())
        };
        assert_eq!(ask("ssh-keygen", &signers).unwrap(), Ok(()));
        // No program is started any more.
        assert_eq!(ask("false", &signers).unwrap(), Ok(()));
        assert!(ask("false", &format!("{signers}# changed\n")).unwrap().is_err());
        // Nor for what was not good.
        let other = signers.replace("ada@", "eve@");
        let why = ask("ssh-keygen", &other).unwrap().unwrap_err();
        assert_eq!(ask("/does/not/exist", &other).unwrap(), Err(why));
        fs::write(cache.join("verified"), b"\xff damaged").unwrap();
        assert_eq!(ask("ssh-keygen", &signers).unwrap(), Ok(()));
        assert!(ask("/does/not/exist", "x").is_err());
        // Revoked since, though the registry still lists it.
        let mut verifier = keys.store.verifier(&Arc::new(Verdicts::in_folder(Some(&cache)))).unwrap();
        verifier.revoked = Some(format!("{public}\n").into_bytes());
        let found = verifier.verify(&signers, &ada(), NS, "text", &signature, now()).unwrap();
        assert!(found.unwrap_err().contains("was revoked"));
    }
}
