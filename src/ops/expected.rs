//! What a change was decided on, as a page showed it: refused where that is not there any more when it is written.

use std::sync::PoisonError;

use anyhow::Result;

use super::refusal::Refusal;
use super::request;
use super::session::Session;
use crate::model::layout::REGISTRY_FILE;
use crate::model::{ModelName, ObjectId, RequestId, Snapshot, Tree, UserId};
use crate::store::Oid;

/// What a change was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The model's files and the policy at a commit.
    Model(ModelName, String),
    /// A request as it stood at a commit of its branch.
    Request(RequestId, String),
}

/// As whom and where a session changes the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The user.
    pub by: UserId,
    /// The branch.
    pub branch: String,
}

/// As whom and where a session would change the registry now.
pub fn acting(session: &Session) -> Result<Acting> {
    Ok(Acting { by: session.user(&session.person()?)?, branch: session.target()?.name().to_owned() })
}

impl Session {
    /// Changes the registry only where this holds, whatever is fetched or committed by others before.
    pub fn expecting(self, expected: Expected) -> Self {
        *self.expected.lock().unwrap_or_else(PoisonError::into_inner) = Some(expected);
        self
    }

    /// Refuses to write on top of these files where what was expected does not hold.
    pub(super) fn refuse_unexpected(&self, tree: &dyn Tree) -> Result<()> {
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (what, holds) = match expected {
            None => return Ok(()),
            Some(Expected::Model(model, commit)) => (format!("`{model}`"), self.is_as_at(tree, &commit, &model)?),
            Some(Expected::Request(id, commit)) => {
                let now = request::branch_of(self, &id)?;
                (format!("the request {id}"), now.is_some_and(|now| now.commit.to_string() == commit))
            }
        };
        if holds {
            return Ok(());
        }
        let why = format!("{what} has changed since the page was made");
        Err(Refusal::new(why, "look at it again, and send the form again").into())
    }

    /// What was expected has held, and what is written next is of the session's own making.
    pub(super) fn expect_nothing_more(&self) {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether a model and the policy are what they were at a commit. No where that commit is not there.
    fn is_as_at(&self, tree: &dyn Tree, commit: &str, model: &ModelName) -> Result<bool> {
        let Ok(commit) = Oid::from_str(commit) else { return Ok(false) };
        let Ok(then) = self.store.tree(Some(commit)) else { return Ok(false) };
        Ok(matches!((ids(&then, model), ids(tree, model)?), (Ok(Some(then)), Some(now)) if then == now))
    }
}

/// What tells apart what a model is and what the policy says of it.
fn ids(tree: &dyn Tree, model: &ModelName) -> Result<Option<(ObjectId, ObjectId)>> {
    let id = |path: &str| Ok::<_, anyhow::Error>(tree.find(path)?.and_then(|entry| entry.id));
    Ok(id(&Snapshot::open(tree)?.layout().model_folder(model))?.zip(id(REGISTRY_FILE)?))
}
