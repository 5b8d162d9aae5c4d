//! A move, resolved against a snapshot: the model, the stage with its policy and journal, and the version.

use anyhow::Result;

use super::moved::Moved;
use crate::model::{
    Action, Manifest, ModelName, Move, RegisteredModel, RequestId, Review, Snapshot, Stage, StagePolicy, Statement,
    Text, Timestamp,
};
use crate::ops::commit::{Attempt, Message, Plan, write_stage};
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;

/// A move as the user asks for it.
pub(in crate::ops) trait StageMove {
    /// The model.
    fn model(&self) -> &ModelName;
    /// The version that the user says is in the stage.
    fn from(&self) -> Option<u64> {
        None
    }
    /// Whether another version in the stage makes the move another one.
    fn depends_on_pointer(&self) -> bool {
        true
    }
    /// The policy of the stage. Refused if the registry has no such stage.
    fn policy<'r>(&self, snapshot: &'r Snapshot<'_>) -> Result<&'r StagePolicy>;
    /// The stage, the versions and the journal in a snapshot. Refused if the move is not possible there.
    fn resolve(&self, snapshot: &Snapshot<'_>) -> Result<ResolvedMove>;
    /// Whether to make a request even if the policy requires none.
    fn as_request(&self) -> bool {
        false
    }
    /// Whether the move lands before its approval.
    fn is_emergency(&self) -> bool {
        false
    }
}

/// A move, resolved against a snapshot.
pub(in crate::ops) struct ResolvedMove {
    /// The model, the stage and the version.
    pub id: RequestId,
    /// The model's own file.
    pub model: RegisteredModel,
    /// The stage's policy.
    pub policy: StagePolicy,
    /// The stage before the move.
    pub stage: Stage,
    /// The earliest time of the move: the version's registration, or the end of its last request.
    pub registered: Timestamp,
    /// The kind of move.
    pub action: Action,
    /// The reason.
    pub reason: Option<Text>,
    /// Whether the version that is in the stage stays there beside the new version.
    pub keep: bool,
    /// Whether the move lands before its approval.
    pub emergency: bool,
}

impl ResolvedMove {
    /// The version that is in the stage before the move.
    pub fn from(&self) -> Option<u64> {
        self.stage.version
    }

    /// Plans the move: the stage's new file, the commit's message and the result. The session signs the move where the
    /// review wants it; without one, the move is only looked at.
    pub fn plan(&self, snapshot: &Snapshot<'_>, attempt: &Attempt, signing: Option<&Session>) -> Result<Plan<Moved>> {
        let at = self.time(attempt.at);
        let entry = Move {
            at,
            by: attempt.by.clone(),
            action: self.action,
            version: self.id.version,
            from: self.stage.replay().current(),
            beside: Vec::new(),
            reason: self.reason.clone(),
            emergency: self.emergency,
            request: None,
            signature: None,
            approvals: Vec::new(),
        };
        let mut next = self.stage.moved(entry, self.keep);
        let signature = match signing.filter(|_| self.policy.review == Review::Signed) {
            Some(session) => Some(self.sign(session, snapshot, &next)?),
            None => None,
        };
        if let Some(entry) = next.history.last_mut() {
            entry.signature = signature;
        }
        let edits = write_stage(snapshot, &self.id.model, &next)?;
        let moved = Moved {
            model: self.id.model.to_string(),
            stage: self.id.stage.to_string(),
            action: self.action,
            version: self.id.version,
            from: self.from(),
            now: next.version,
            beside: next.beside.clone(),
            reason: self.reason.clone(),
            emergency: self.emergency,
            request: None,
            serving: None,
            clock_behind: (at != attempt.at).then_some(at),
        };
        Ok(Plan::new(edits, self.message(), moved))
    }

    /// The requester's signature over the last entry of the stage.
    fn sign(&self, session: &Session, snapshot: &Snapshot<'_>, next: &Stage) -> Result<Text> {
        let RequestId { model, stage, version } = &self.id;
        let missing =
            || Refusal::new(format!("version {version} of `{model}` has no manifest"), "run `modelreg validate`");
        let facts = snapshot.manifest(model, *version)?.ok_or_else(missing)?.facts_digest();
        let place = next.history.len();
        let entry = &next.history[place - 1];
        let (registry, model) = (&snapshot.registry.name, model.as_str());
        let statement = Statement { registry, model, stage, place, entry, facts: &facts, approval: None };
        let no_key = || Session::no_key(stage, "moves", &entry.by);
        Ok(session.sign(&statement)?.ok_or_else(no_key)?)
    }

    /// The time of the journal entry: now, or one millisecond after the last entry or the version's registration if the
    /// clock is behind them.
    fn time(&self, now: Timestamp) -> Timestamp {
        let last = self.stage.history.last().map(|entry| entry.at).max(Some(self.registered));
        last.map_or(now, |last| if now < last { last.next() } else { now })
    }

    fn message(&self) -> Message {
        let RequestId { model, stage, version } = &self.id;
        let from = self.from();
        let message = Message::new(self.id.in_words(self.action, from))
            .body(self.reason.as_ref().map(Text::as_str))
            .trailer("Action", self.action.word())
            .trailer("Model", model)
            .trailer("Version", version)
            .trailer("Stage", stage);
        match (self.action, from) {
            (Action::Promote, Some(from)) => message.trailer("Prior-Version", from),
            (Action::Rollback, from) => {
                message.trailer("Rolled-Back-From", from.map_or("none".to_owned(), |from| from.to_string()))
            }
            _ => message,
        }
    }
}

/// The earliest time of a move of a version. A request that is made again is a later one than the request that was closed.
pub(super) fn earliest(manifest: &Manifest) -> Timestamp {
    let closed = manifest.closed_requests.last().map(|closed| closed.at.next());
    closed.map_or(manifest.created_at, |closed| closed.max(manifest.created_at))
}

/// The stage of a model in a snapshot; an empty stage if no version was ever in it.
pub(super) fn stage_of(snapshot: &Snapshot<'_>, model: &ModelName, policy: &StagePolicy) -> Result<Stage> {
    Ok(snapshot.stage(model, &policy.name)?.unwrap_or_else(|| Stage::empty(policy.name.clone())))
}
