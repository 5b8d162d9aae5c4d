//! Taking a version out of a stage.

use anyhow::Result;

use super::commit::{Done, Plan};
use super::find;
use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use super::transition::{self, How, Moved, Wanted, commit_move};
use crate::model::{Action, ModelName, Text};

/// What to withdraw.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// The model.
    pub model: ModelName,
    /// The version.
    pub version: u64,
    /// The stage that it leaves.
    pub stage: String,
    /// Why.
    pub reason: Option<Text>,
}

/// Takes a version out of a stage: the stage is empty then, or keeps what is beside.
pub fn withdraw(session: &Session, ask: &Withdraw) -> Result<Done<Moved>> {
    let id = transition::id(session, &ask.model, &ask.stage, ask.version)?;
    commit_move(session, &id, (Action::Withdraw, How::AsThePolicySays), ask.reason.as_ref(), |snapshot, asked| {
        let policy = transition::declared(snapshot, &ask.stage)?;
        let model = find::live_model(snapshot, &ask.model)?;
        let (name, version) = (&model.file.name, ask.version);
        let stage = transition::stage_of(&model, &policy.name);
        if !stage.holds(version) {
            let there = stage.version.map_or("nothing is".to_owned(), |v| format!("version {v} is"));
            return Err(Refusal::new(
                format!("version {version} of `{name}` is not in {}", policy.name),
                format!("{there} in {} now; `modelreg show '{name}'` shows what is where", policy.name),
            )
            .into());
        }
        let wanted =
            Wanted { action: Action::Withdraw, version, reason: ask.reason.as_ref(), keep: true, emergency: false };
        let (edits, moved) = transition::plan(snapshot, &model, &stage, &wanted, asked)?;
        let message = Message::new(format!("Withdraw {name} {version} from {}", policy.name))
            .body(ask.reason.as_ref().map(|r| r.as_str()))
            .trailer("Action", "withdraw")
            .trailer("Model", name)
            .trailer("Version", version)
            .trailer("Stage", &policy.name);
        Ok(Plan { edits, message, value: moved })
    })
}
