//! The signatures of approvals: signing with the SSH key that git signs with, and verifying for the rules.

use anyhow::Result;

use super::refusal::Refusal;
use super::session::Session;
use crate::check::Signatures;
use crate::model::statement::NAMESPACE;
use crate::model::{Text, Timestamp, UserId};
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
        statement: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>> {
        Ok(self.verifier.verify(signers, by, NAMESPACE, statement, signature, at)?)
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

impl Session {
    /// The verifier of approvals' signatures.
    pub(super) fn signatures(&self) -> Result<Ssh> {
        Ok(Ssh { verifier: self.store.verifier(&self.verdicts)?, now: self.now() })
    }

    /// Signs a statement with the SSH key that git signs with; none if git has no such key.
    pub(super) fn sign(&self, statement: &str) -> Result<Option<Text>> {
        let Some(key) = self.store.signing_key()? else { return Ok(None) };
        let signature = self.store.sign(&key, NAMESPACE, statement)?;
        Ok(Some(Text::new(signature).map_err(Refusal::from)?))
    }
}
