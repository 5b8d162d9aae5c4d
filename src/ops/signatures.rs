//! The signatures of approvals: signing with the SSH key that git signs with, and verifying for the rules.

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::check::Signatures;
use crate::model::{Purpose, StageName, Statement, Text, Timestamp, UserId, ssh_signature};
use crate::store::Verifier;

/// Verifies approvals with OpenSSH.
pub(super) struct Ssh {
    verifier: Verifier,
    now: Timestamp,
}

impl Signatures for Ssh {
    fn verify(
        &self,
        signers: &str,
        by: &UserId,
        purpose: Purpose,
        statement: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>> {
        Ok(self.verifier.verify(signers, by, purpose, statement, signature, at)?)
    }

    fn same_key(&self, one: &str, other: &str) -> bool {
        ssh_signature::public_key(one).is_some_and(|key| ssh_signature::public_key(other) == Some(key))
    }

    fn now(&self) -> Option<Timestamp> {
        Some(self.now)
    }
}

impl Session {
    /// The verifier of approvals' signatures.
    pub(super) fn signatures(&self) -> Result<Ssh> {
        Ok(Ssh { verifier: self.store.verifier(&self.verdicts)?, now: self.now() })
    }

    /// Signs a statement with the SSH key that git signs with; none if git has no such key.
    pub(super) fn sign(&self, statement: &Statement<'_>) -> Result<Option<Text>> {
        let Some(key) = self.store.signing_key()? else { return Ok(None) };
        let signature = self.store.sign(&key, statement.purpose().namespace(), &statement.to_string())?;
        Ok(Some(Text::new(signature).map_err(Refusal::from)?))
    }

    /// The refusal of a step for which the review requires a signature, where git has no SSH key to sign with.
    pub(super) fn no_key(stage: &StageName, what: &str, by: &UserId) -> Refusal {
        let why = format!("{stage} requires signed {what}, and git has no SSH key to sign with for `{by}`");
        let hint = "git config --global gpg.format ssh && git config --global user.signingkey ~/.ssh/id_ed25519.pub";
        Refusal::new(why, hint)
    }
}
