//! The approvals of a move that count, by the policy of the base.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use crate::model::layout::SIGNERS_FILE;
use crate::model::{
    Approval, Digest, Keep, Move, Purpose, Registry, Review, Snapshot, StageName, StagePolicy, Statement, Text,
    Timestamp, UserId, signers,
};

/// Verifies signatures. The rules do no I/O, but verifying a signature runs a program.
pub trait Signatures: Sync {
    /// Verifies that the signature covers the statement, for this purpose, and was made at the time `at` with a key that
    /// the allowed-signers text lists for the person. The inner error is the reason why the signature does not count.
    fn verify(
        &self,
        signers: &str,
        by: &UserId,
        purpose: Purpose,
        statement: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>>;

    /// Whether two signatures were made with one key.
    fn same_key(&self, one: &str, other: &str) -> bool;

    /// The time at which the change is judged; none where there is no clock, so that neither expired keys nor times in the
    /// future are found.
    fn now(&self) -> Option<Timestamp>;
}

/// Verifies nothing: no signature counts.
#[derive(Debug, Default)]
pub struct NoSignatures {
    /// The time at which the change is judged.
    pub now: Option<Timestamp>,
}

impl Signatures for NoSignatures {
    fn verify(&self, _: &str, _: &UserId, _: Purpose, _: &str, _: &str, _: Timestamp) -> Result<Result<(), String>> {
        Ok(Err("signatures are not verified here".into()))
    }

    fn same_key(&self, _: &str, _: &str) -> bool {
        false
    }

    fn now(&self) -> Option<Timestamp> {
        self.now
    }
}

/// The count of one move's approvals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// The approvers whose approvals count.
    pub counted: Vec<UserId>,
    /// The approvals that do not count, by their index in the entry, each with the reason.
    pub not_counted: Vec<(usize, String)>,
    /// The users whose approvals would count.
    pub approvers: Vec<UserId>,
    /// The number of approvals that the policy requires.
    pub needed: usize,
}

impl Count {
    /// Whether the move has enough approvals.
    pub fn enough(&self) -> bool {
        self.counted.len() >= self.needed
    }
}

/// The keys whose signatures count: the base's `allowed_signers`.
#[derive(Debug)]
pub struct Signers {
    /// The file's text; empty if the file does not exist.
    pub text: String,
    /// The text without limits such as namespaces and times, to find the owner of a key.
    whose: String,
    /// Whether a key can be valid at one time and not at another.
    timed: bool,
}

impl Signers {
    /// Reads the file.
    pub fn of(base: &Snapshot<'_>) -> Result<Self> {
        let text = base.tree.find(SIGNERS_FILE)?.map(|entry| base.files.text(&entry, Keep::File)).transpose()?;
        let text = text.and_then(Result::ok).map_or(String::new(), |text| text.to_string());
        Ok(Self { whose: signers::without_limits(&text), timed: signers::has_times(&text), text })
    }
}

/// Counts approvals by the base's policy and signers.
pub struct Judge<'a> {
    /// The base's registry.
    pub registry: &'a Registry,
    /// The trusted keys, in OpenSSH's allowed-signers format.
    pub signers: Arc<Signers>,
    /// The verifier of signatures.
    pub signatures: &'a dyn Signatures,
}

impl<'a> Judge<'a> {
    /// Reads the signers of the base.
    pub fn new(base: &'a Snapshot<'_>, signatures: &'a dyn Signatures) -> Result<Self> {
        Ok(Self { registry: &base.registry, signers: Arc::new(Signers::of(base)?), signatures })
    }

    /// Counts the approvals of a move. The base has the first `landed` of them: their keys had to be valid when they
    /// were given. The keys of the others have to be valid now too, because an approver writes the time.
    pub fn count(
        &self,
        policy: &StagePolicy,
        model: &Subject<'_>,
        place: usize,
        entry: &Move,
        landed: usize,
    ) -> Result<Count> {
        let approvers = self.registry.approvers(policy, &model.owners);
        let needed = policy.needed_approvals() as usize;
        let mut count = Count { approvers, needed, ..Count::default() };
        // The signed approvals that count so far, each with its statement.
        let mut signed: Vec<(&Approval, String)> = Vec::new();
        for (at, approval) in entry.approvals.iter().enumerate() {
            let by = &approval.by;
            let why = if by.same_person(&entry.by) {
                Some("the approver is the requester".to_owned())
            } else if count.counted.iter().any(|other| other.same_person(by)) {
                Some(format!("`{by}` has approved already"))
            } else if !count.approvers.iter().any(|other| other.same_person(by)) {
                Some(format!("the policy does not name `{by}`"))
            } else if approval.at < entry.at {
                // The approver writes the time, so with an earlier time an expired key would be valid again.
                Some("the approval is older than the move".to_owned())
            } else {
                match (Signed::approval(approval), policy.review) {
                    (None, Review::Signed) => Some("the approval is not signed".to_owned()),
                    (None, _) => None,
                    (Some(own), _) => {
                        let found = match self.verify_independent(model, place, entry, &own, &signed)? {
                            Ok(statement) if at >= landed => self.valid_now(&own, statement)?,
                            found => found,
                        };
                        if let Ok(statement) = &found {
                            signed.push((approval, statement.clone()));
                        }
                        found.err()
                    }
                }
            };
            match why {
                Some(why) => count.not_counted.push((at, why)),
                None => count.counted.push(by.clone()),
            }
        }
        Ok(count)
    }

    /// Verifies that the requester has signed the move: with a key that is valid at the move's time and now. Otherwise the
    /// reason why not.
    pub fn requester(&self, model: &Subject<'_>, place: usize, entry: &Move) -> Result<Result<(), String>> {
        let Some(signature) = &entry.signature else { return Ok(Err("the entry has no `signature`".into())) };
        let signed = Signed { by: &entry.by, signature, at: entry.at, approval: None };
        match self.verify(model, place, entry, &signed)? {
            Ok(statement) => Ok(self.valid_now(&signed, statement)?.map(drop)),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Verifies a signature over the statement of the move, under any of the model's names. Returns the statement, or the
    /// reason why the signature does not count.
    fn verify(
        &self,
        model: &Subject<'_>,
        place: usize,
        entry: &Move,
        signed: &Signed<'_>,
    ) -> Result<Result<String, String>> {
        let Some(facts) = model.facts.get(&entry.version) else {
            return Ok(Err("the version's manifest cannot be read".into()));
        };
        let (registry, stage, approval) = (&self.registry.name, model.stage, signed.approval);
        let mut first = None;
        for name in &model.names {
            let statement = Statement { registry, model: name, stage, place, entry, facts, approval }.to_string();
            match self.verify_at(signed, &statement, signed.at)? {
                Ok(()) => return Ok(Ok(statement)),
                Err(why) => drop(first.get_or_insert(why)),
            }
        }
        Ok(Err(first.unwrap_or_else(|| "the signature does not verify".into())))
    }

    fn verify_at(&self, signed: &Signed<'_>, statement: &str, at: Timestamp) -> Result<Result<(), String>> {
        let (signers, signature) = (&self.signers.text, signed.signature.as_str());
        self.signatures.verify(signers, signed.by, signed.purpose(), statement, signature, at)
    }

    /// Verifies an approval's signature, and that its key belongs to neither the requester nor another approver, because
    /// one person can have two addresses. Returns the signed statement, or the reason why the approval does not count.
    fn verify_independent(
        &self,
        model: &Subject<'_>,
        place: usize,
        entry: &Move,
        signed: &Signed<'_>,
        earlier: &[(&Approval, String)],
    ) -> Result<Result<String, String>> {
        let (by, own) = (signed.by, signed.signature.as_str());
        let statement = match self.verify(model, place, entry, signed)? {
            Ok(statement) => statement,
            Err(why) => return Ok(Err(why)),
        };
        if self.is_key_of(&entry.by, signed, &statement)? {
            return Ok(Err(format!("the signature's key also belongs to the requester `{}`", entry.by)));
        }
        if entry.signature.as_ref().is_some_and(|asked| self.signatures.same_key(asked.as_str(), own)) {
            return Ok(Err(format!("the requester `{}` signed with the same key", entry.by)));
        }
        for (other, its_statement) in earlier {
            let Some(others) = Signed::approval(other) else { continue };
            // Either user may have more keys than the shared one.
            if self.signatures.same_key(others.signature.as_str(), own)
                || self.is_key_of(by, &others, its_statement)?
                || self.is_key_of(others.by, signed, &statement)?
            {
                return Ok(Err(format!("`{by}` has approved already, under another address")));
            }
        }
        Ok(Ok(statement))
    }

    /// Verifies a good signature again for the time of judging. Returns the statement, or why the signature does not
    /// count: with an earlier time, an expired key could approve for ever.
    fn valid_now(&self, signed: &Signed<'_>, statement: String) -> Result<Result<String, String>> {
        if !self.signers.timed {
            return Ok(Ok(statement));
        }
        let Some(now) = self.signatures.now() else { return Ok(Ok(statement)) };
        let found = self.verify_at(signed, &statement, now)?;
        Ok(found.map(|()| statement).map_err(|_| format!("the key of `{}` is not valid now", signed.by)))
    }

    /// Whether a signature was made with a key that is listed for the user `by`, for any purpose and time.
    fn is_key_of(&self, by: &UserId, signed: &Signed<'_>, statement: &str) -> Result<bool> {
        let (by, signature) = (by.folded(), signed.signature.as_str());
        let purpose = signed.purpose();
        Ok(self.signatures.verify(&self.signers.whose, &by, purpose, statement, signature, signed.at)?.is_ok())
    }
}

/// A signature over a move's statement.
struct Signed<'a> {
    by: &'a UserId,
    signature: &'a Text,
    at: Timestamp,
    /// The approval; none for the requester's signature.
    approval: Option<&'a Approval>,
}

impl<'a> Signed<'a> {
    /// The signature of an approval; none if the approval is not signed.
    fn approval(approval: &'a Approval) -> Option<Self> {
        let signature = approval.signature.as_ref()?;
        Some(Self { by: &approval.by, signature, at: approval.at, approval: Some(approval) })
    }

    fn purpose(&self) -> Purpose {
        if self.approval.is_some() { Purpose::Approval } else { Purpose::Request }
    }
}

/// The stage of a model whose move is judged.
pub struct Subject<'a> {
    /// The model's name, then its former names.
    pub names: Vec<String>,
    /// The model's owners in the base.
    pub owners: Vec<UserId>,
    /// The stage.
    pub stage: &'a StageName,
    /// The digest of the facts, by version.
    pub facts: HashMap<u64, Digest>,
}

/// The message for a move with too few approvals.
pub fn missing(policy: &StagePolicy, count: &Count) -> String {
    let people: Vec<&str> = count.approvers.iter().map(UserId::as_str).collect();
    let by = match people.as_slice() {
        [] => "nobody, because neither the policy names approvers nor the base's model owners".to_owned(),
        [one] => one.to_string(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    };
    let signed = if policy.review == Review::Signed { "signed " } else { "" };
    let (needed, had) = (count.needed, count.counted.len());
    let plural = if needed == 1 { "" } else { "s" };
    format!("{} requires {needed} {signed}approval{plural} by {by}, and this move has {had}", policy.name)
}
