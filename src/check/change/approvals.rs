//! Who must have approved a move, by the policy of the base.

use std::collections::HashMap;

use anyhow::Result;

use super::Sides;
use crate::check::layout::ModelFolder;
use crate::check::sink::{Loaded, Sink};
use crate::diag::KeyStep;
use crate::diag::codes::change::{
    APPROVAL_NOT_COUNTED, APPROVALS_MISSING, EMERGENCY_NOT_ALLOWED, LATE_APPROVAL_NOT_COUNTED,
};
use crate::model::layout::{MODEL_FILE, SIGNERS_FILE, VERSIONS};
use crate::model::snapshot::{self, Unreadable};
use crate::model::{
    Action, Approval, Content, Digest, Manifest, Move, RegisteredModel, Replay, Review, Stage, StagePolicy, Statement,
    Timestamp, Tree, UserId, signers,
};

/// What can verify a signature. The rules do no I/O, and to verify one is a program's work.
pub trait Signatures: Sync {
    /// Whether the signature over the statement was made at the time with a key that the allowed-signers text lists for the
    /// person; else why it does not count.
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

/// What approvals are judged by: the base's policy, its signers, and its owners of the model.
pub struct Judge<'a> {
    /// The base's registry.
    pub registry: &'a crate::model::Registry,
    /// Its `allowed_signers`; empty where there is none.
    pub signers: String,
    /// The same without what limits a key, which tells whose it is.
    whose: String,
    /// What verifies.
    pub signatures: &'a dyn Signatures,
}

impl<'a> Judge<'a> {
    /// Reads what approvals are judged by.
    pub fn new(base: &dyn Tree, registry: &'a crate::model::Registry, signatures: &'a dyn Signatures) -> Result<Self> {
        let signers = match base.find(SIGNERS_FILE)?.map(|entry| base.read(&entry)).transpose()? {
            Some(Content::Bytes(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
            _ => String::new(),
        };
        let whose = signers::without_limits(&signers);
        Ok(Self { registry, signers, whose, signatures })
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

    /// The statement that a signature is over, where it was made with a key of the approver's that is neither the asker's
    /// nor that of another who approved: people can have two addresses. Else why it does not count.
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
            match self.signatures.verify(&self.signers, &approval.by, &statement, signature, approval.at)? {
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
        Ok(self.signatures.verify(&self.whose, &by, statement, signature.as_str(), approval.at)?.is_ok())
    }
}

/// The model whose stage is moved.
pub struct Subject<'a> {
    /// Its name, then those it had before.
    pub names: Vec<String>,
    /// Its owners at the base.
    pub owners: Vec<UserId>,
    /// The stage.
    pub stage: &'a crate::model::StageName,
    /// The digests of the facts of the versions that were moved.
    pub facts: HashMap<u64, Digest>,
}

/// Judges the new entries of a stage's journal, and the approvals that were added to old ones.
pub(super) fn check(
    sides: &Sides<'_>,
    old: Option<&ModelFolder>,
    new: &ModelFolder,
    before: &[Move],
    after: &Loaded<Stage>,
    sink: &mut Sink,
) -> Result<()> {
    let stage = &after.value;
    let Some(policy) = sides.policy.stage(stage.stage.as_str()) else { return Ok(()) };
    let has_grown = |index: usize| {
        let (was, is) = (before.get(index), stage.history.get(index));
        was.zip(is).is_some_and(|(was, is)| was.approvals.len() < is.approvals.len())
    };
    if let Some(index) = (0..before.len()).find(|&index| !policy.counts_approvals() && has_grown(index)) {
        let message = format!("an approval was added to entry {} of {}, which counts none", index + 1, policy.name);
        forged(after, index, before[index].approvals.len(), message, sink);
    }
    if !policy.counts_approvals() && !stage.history.iter().any(|entry| entry.emergency) {
        return Ok(());
    }
    let judge = Judge::new(sides.base, &sides.policy, sides.signatures)?;
    let subject = subject(sides, old, new, stage)?;
    let mut replay = Replay::of(before);
    for (index, entry) in stage.history.iter().enumerate() {
        let is_new = index >= before.len();
        if !is_new && !has_grown(index) {
            continue;
        }
        let count = judge.count(policy, &subject, index + 1, entry)?;
        let known = before.get(index).map_or(0, |was| was.approvals.len());
        for (at, why) in count.not_counted.iter().filter(|(at, _)| *at >= known) {
            let key: [KeyStep; 4] = ["history".into(), index.into(), "approvals".into(), (*at).into()];
            let message = format!("the approval by `{}` does not count: {why}", entry.approvals[*at].by);
            // Before it lands, a move that has too few is held back by that. Nothing else would hold this one back.
            let code = if is_new { &APPROVAL_NOT_COUNTED } else { &LATE_APPROVAL_NOT_COUNTED };
            sink.key(code, &after.source, &key, message, "somebody whom the policy names has to approve");
        }
        if is_new && entry.emergency {
            if let Some((message, hint)) =
                no_emergency(policy, &replay, &judge, &subject, &stage.history[..index], entry)?
            {
                sink.key(
                    &EMERGENCY_NOT_ALLOWED,
                    &after.source,
                    &["history".into(), index.into(), "emergency".into()],
                    message,
                    hint,
                );
            }
        } else if is_new && !count.enough() {
            let message = missing(policy, &count);
            let hint = format!(
                "have it approved: `modelreg approve '{}'`",
                crate::model::request_id(new.name.as_str(), &stage.stage, entry.version)
            );
            sink.key(
                &APPROVALS_MISSING,
                &after.source,
                &["history".into(), index.into(), "version".into()],
                message,
                hint,
            );
        }
        if is_new {
            replay.apply(entry);
        }
    }
    Ok(())
}

/// An approval that does not count, under a move that landed without it.
fn forged(after: &Loaded<Stage>, index: usize, approval: usize, message: String, sink: &mut Sink) {
    let key: [KeyStep; 4] = ["history".into(), index.into(), "approvals".into(), approval.into()];
    sink.key(
        &LATE_APPROVAL_NOT_COUNTED,
        &after.source,
        &key,
        message,
        "remove it: an approval comes before what it approves",
    );
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

/// Why a move may not be an emergency, and the hint.
fn no_emergency(
    policy: &StagePolicy,
    replay: &Replay,
    judge: &Judge<'_>,
    subject: &Subject<'_>,
    before: &[Move],
    entry: &Move,
) -> Result<Option<(String, String)>> {
    let ask = "ask for it with `modelreg rollback`, and have it approved".to_owned();
    if !policy.emergency {
        return Ok(Some((format!("{} takes no emergencies (registry.toml: emergency)", policy.name), ask)));
    }
    if entry.action != Action::Rollback || replay.prior() != Some(entry.version) {
        let prior = replay.prior().map_or("there is none".to_owned(), |prior| format!("that is {prior}"));
        return Ok(Some((format!("an emergency is a rollback to the prior version, and {prior}"), ask)));
    }
    for (index, earlier) in before.iter().enumerate().filter(|(_, earlier)| earlier.emergency) {
        if !judge.count(policy, subject, index + 1, earlier)?.enough() {
            let message = format!("the emergency of {} still awaits approval", earlier.at.human());
            let id = crate::model::request_id(
                subject.names.first().map_or("", String::as_str),
                &policy.name,
                earlier.version,
            );
            return Ok(Some((message, format!("have that one approved first: `modelreg approve '{id}'`"))));
        }
    }
    Ok(None)
}

fn subject<'a>(
    sides: &Sides<'_>,
    old: Option<&ModelFolder>,
    new: &ModelFolder,
    stage: &'a Stage,
) -> Result<Subject<'a>> {
    let model = |tree: &dyn Tree, folder: &ModelFolder| {
        readable::<RegisteredModel>(tree, &format!("{}/{MODEL_FILE}", folder.entry.path))
    };
    let base = old.map(|old| model(sides.base, old)).transpose()?.flatten();
    let head = model(sides.head, new)?;
    let mut former = Vec::new();
    for name in head.into_iter().flat_map(|model| model.former_names) {
        // Whoever claims the name of another model does not get its approvals.
        let is_own = old.is_some_and(|old| old.name == name);
        if is_own || sides.base.find(&sides.policy.layout.model_file(&name))?.is_none() {
            former.push(name.to_string());
        }
    }
    let mut facts = HashMap::new();
    for entry in &stage.history {
        let path = format!("{}/{VERSIONS}/{}.toml", new.entry.path, entry.version);
        if !facts.contains_key(&entry.version)
            && let Some(manifest) = readable::<Manifest>(sides.head, &path)?
        {
            facts.insert(entry.version, manifest.facts_digest());
        }
    }
    Ok(Subject {
        names: std::iter::once(new.name.to_string()).chain(former).collect(),
        owners: base.map(|model| model.owners).unwrap_or_default(),
        stage: &stage.stage,
        facts,
    })
}

/// A file that is read; none where it is not there or not what it should be, which other rules tell.
pub(super) fn readable<T: serde::de::DeserializeOwned>(tree: &dyn Tree, path: &str) -> Result<Option<T>> {
    match snapshot::read(tree, path) {
        Ok(found) => Ok(found),
        Err(error) if error.is::<Unreadable>() => Ok(None),
        Err(error) => Err(error),
    }
}
