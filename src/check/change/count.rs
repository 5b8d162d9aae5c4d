//! Which approvals of a move count, by the policy of the base.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use crate::model::layout::SIGNERS_FILE;
use crate::model::{
    Approval, Digest, Keep, Move, Registry, Review, Snapshot, StageName, StagePolicy, Statement, Timestamp, UserId,
    signers,
};

/// What can verify a signature. The rules do no I/O, and to verify one is a program's work.
pub trait Signatures: Sync {
    /// Whether the signature over the statement was made at the time with a key that the allowed-signers text lists for
    /// the person; else why it does not count.
    fn verify(
        &self,
        signers: &str,
        by: &UserId,
        statement: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<Result<(), String>>;
}

/// For registries whose signatures nobody asks about: none counts.
pub struct NoSignatures;

impl Signatures for NoSignatures {
    fn verify(&self, _: &str, _: &UserId, _: &str, _: &str, _: Timestamp) -> Result<Result<(), String>> {
        Ok(Err("signatures are not verified here".into()))
    }
}

/// What the approvals of one move amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that count.
    pub counted: Vec<UserId>,
    /// Those that do not, by their place in the entry, and why.
    pub not_counted: Vec<(usize, String)>,
    /// Whose approval would count.
    pub approvers: Vec<UserId>,
    /// How many are needed.
    pub needed: usize,
}

impl Count {
    /// Whether there are enough.
    pub fn enough(&self) -> bool {
        self.counted.len() >= self.needed
    }
}

/// Whose signatures count: the base's `allowed_signers`.
#[derive(Debug)]
pub struct Signers {
    /// The text; empty where there is no such file.
    pub text: String,
    /// The same without what limits a key, which tells whose a key is.
    whose: String,
}

impl Signers {
    /// Reads the file.
    pub fn of(base: &Snapshot<'_>) -> Result<Self> {
        let text = base.tree.find(SIGNERS_FILE)?.map(|entry| base.files.text(&entry, Keep::File)).transpose()?;
        let text = text.and_then(Result::ok).map_or(String::new(), |text| text.to_string());
        Ok(Self { whose: signers::without_limits(&text), text })
    }
}

/// What approvals are judged by: the base's policy, its signers, and its owners of the model.
pub struct Judge<'a> {
    /// The base's registry.
    pub registry: &'a Registry,
    /// The trusted keys, in OpenSSH's allowed-signers format.
    pub signers: Arc<Signers>,
    /// What verifies.
    pub signatures: &'a dyn Signatures,
}

impl<'a> Judge<'a> {
    /// Reads what approvals are judged by.
    pub fn new(base: &'a Snapshot<'_>, signatures: &'a dyn Signatures) -> Result<Self> {
        Ok(Self { registry: &base.registry, signers: Arc::new(Signers::of(base)?), signatures })
    }

    /// Counts the approvals of a move.
    pub fn count(&self, policy: &StagePolicy, model: &Subject<'_>, place: usize, entry: &Move) -> Result<Count> {
        let approvers = self.registry.approvers(policy, &model.owners);
        let needed = policy.needed_approvals() as usize;
        let mut count = Count { approvers, needed, ..Count::default() };
        // The approvals that count so far, with what their signatures are over.
        let mut signed: Vec<(&Approval, String)> = Vec::new();
        for (at, approval) in entry.approvals.iter().enumerate() {
            let by = &approval.by;
            let why = if by.same_person(&entry.by) {
                Some("it is by the one who asks".to_owned())
            } else if count.counted.iter().any(|other| other.same_person(by)) {
                Some(format!("`{by}` has approved already"))
            } else if !count.approvers.iter().any(|other| other.same_person(by)) {
                Some(format!("the policy does not name `{by}`"))
            } else if approval.at < entry.at {
                // Its time is the approver's to write, and an expired key would be good again at an earlier one.
                Some("it is older than what it approves".to_owned())
            } else {
                match (&approval.signature, policy.review) {
                    (None, Review::Signed) => Some("it is not signed".to_owned()),
                    (None, _) => None,
                    (Some(signature), _) => {
                        let facts = model.facts.get(&entry.version);
                        let found =
                            self.by_another_hand(model, place, entry, at, signature.as_str(), facts, &signed)?;
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

    /// The statement that a signature is over, where it was made with a key of the approver's that is neither the
    /// asker's nor that of another who approved: people can have two addresses. Else why it does not count.
    #[allow(clippy::too_many_arguments, reason = "a signature is judged by all that it names")]
    fn by_another_hand(
        &self,
        model: &Subject<'_>,
        place: usize,
        entry: &Move,
        at: usize,
        signature: &str,
        facts: Option<&Digest>,
        signed: &[(&Approval, String)],
    ) -> Result<Result<String, String>> {
        let Some(facts) = facts else { return Ok(Err("the version's manifest cannot be read".into())) };
        let approval = &entry.approvals[at];
        let mut first = None;
        for name in &model.names {
            let registry = &self.registry.name;
            let stage = model.stage;
            let statement = Statement { registry, model: name, stage, place, entry, facts, approval }.to_string();
            match self.signatures.verify(&self.signers.text, &approval.by, &statement, signature, approval.at)? {
                Ok(()) => {
                    if self.is_key_of(&entry.by, approval, &statement)? {
                        return Ok(Err(format!("its key is also `{}`'s, who asks", entry.by)));
                    }
                    for (other, its_statement) in signed {
                        // Either may have more keys than the one that both have.
                        if self.is_key_of(&approval.by, other, its_statement)?
                            || self.is_key_of(&other.by, approval, &statement)?
                        {
                            return Ok(Err(format!("`{}` has approved already, under another address", approval.by)));
                        }
                    }
                    return Ok(Ok(statement));
                }
                Err(why) => drop(first.get_or_insert(why)),
            }
        }
        Ok(Err(first.unwrap_or_else(|| "the signature does not verify".into())))
    }

    /// Whether an approval is signed with a key that is listed for somebody, for whatever use and time.
    fn is_key_of(&self, by: &UserId, approval: &Approval, statement: &str) -> Result<bool> {
        let Some(signature) = &approval.signature else { return Ok(false) };
        let by = by.folded();
        Ok(self.signatures.verify(&self.signers.whose, &by, statement, signature.as_str(), approval.at)?.is_ok())
    }
}

/// The model whose stage is moved.
pub struct Subject<'a> {
    /// Its name, then those it had before.
    pub names: Vec<String>,
    /// Its owners at the base.
    pub owners: Vec<UserId>,
    /// The stage.
    pub stage: &'a StageName,
    /// The digests of the facts of the versions that were moved.
    pub facts: HashMap<u64, Digest>,
}

/// What is missing, in words.
pub fn missing(policy: &StagePolicy, count: &Count) -> String {
    let people: Vec<&str> = count.approvers.iter().map(UserId::as_str).collect();
    let by = match people.as_slice() {
        [] => "nobody, for neither the policy names approvers nor the base's model owners".to_owned(),
        [one] => one.to_string(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    };
    let signed = if policy.review == Review::Signed { "signed " } else { "" };
    let (needed, had) = (count.needed, count.counted.len());
    let plural = if needed == 1 { "" } else { "s" };
    format!("{} wants {needed} {signed}approval{plural} by {by}, and this move has {had}", policy.name)
}
