//! The state that a user saw when they decided on a change. The change is refused if that state has changed.

use anyhow::Result;

use crate::model::layout::REGISTRY_FILE;
use crate::model::{ModelName, ObjectId, RequestId, Snapshot, UserId};
use crate::ops::refusal::Refusal;
use crate::ops::request_branches;
use crate::ops::session::Session;
use crate::store::Oid;

/// A state that must be unchanged when a change is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: the change is planned on the branch's tip.
    None,
    /// The model's files and the policy are as in this commit.
    Model(ModelName, String),
    /// The request's branch is at this commit.
    Request(RequestId, String),
}

/// The user and the branch of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The user.
    pub by: UserId,
    /// The branch.
    pub branch: String,
}

/// The user and the branch of a change that this session would make now.
pub fn acting(session: &Session) -> Result<Acting> {
    Ok(Acting { by: session.user(&session.person()?)?, branch: session.target()?.name().to_owned() })
}

impl Precondition {
    /// Refuses the change if the precondition does not hold.
    pub(super) fn check(&self, session: &Session, snapshot: &Snapshot<'_>) -> Result<()> {
        let (what, holds) = match self {
            Self::None => return Ok(()),
            Self::Model(model, commit) => (format!("`{model}`"), is_as_at(session, snapshot, commit, model)?),
            Self::Request(id, commit) => {
                let now = request_branches::of(session, id)?;
                (format!("the request {id}"), now.is_some_and(|now| now.commit.to_string() == *commit))
            }
        };
        if holds {
            return Ok(());
        }
        let why = format!("{what} has changed since the page was shown");
        Err(Refusal::new(why, "reload the page and send the form again").into())
    }
}

/// Whether a model and the policy are as in a commit; false if the clone does not have the commit.
fn is_as_at(session: &Session, now: &Snapshot<'_>, commit: &str, model: &ModelName) -> Result<bool> {
    let Ok(commit) = Oid::from_str(commit) else { return Ok(false) };
    let Ok(tree) = session.store.tree(Some(commit)) else { return Ok(false) };
    let Ok(then) = Snapshot::beside(now, &tree) else { return Ok(false) };
    Ok(matches!((ids(&then, model), ids(now, model)?), (Ok(Some(then)), Some(now)) if then == now))
}

/// The git ids of a model's folder and of the policy.
fn ids(snapshot: &Snapshot<'_>, model: &ModelName) -> Result<Option<(ObjectId, ObjectId)>> {
    let id = |path: &str| Ok::<_, anyhow::Error>(snapshot.tree.find(path)?.and_then(|entry| entry.id));
    Ok(id(&snapshot.layout().model_folder(model))?.zip(id(REGISTRY_FILE)?))
}
