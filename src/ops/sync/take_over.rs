//! Taking over a merge or a rebase that git has stopped because both sides changed files of the registry.

use anyhow::Result;

use crate::model::layout::MODELS;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;
use crate::store::{Oid, Stopped};

/// Gives up a stopped merge or rebase, so that its commits can be made again instead. Git restores the branch and the
/// files as they were before.
pub(super) fn take_over(session: &Session) -> Result<Option<Stopped>> {
    let Some(stopped) = session.store.stopped()? else { return Ok(None) };
    let prefix = format!("{}{MODELS}/", session.prefix());
    if let Some(path) = session.store.unmerged()?.into_iter().find(|path| !path.starts_with(&prefix)) {
        let what = stopped.what();
        let why =
            format!("the {what} that git has stopped also has a conflict in `{path}`, which only a person can join");
        let hint = format!("join `{path}`, `git add` it, and finish with `git {what} --continue`");
        return Err(Refusal::new(why, hint).into());
    }
    session.store.give_up(&stopped)?;
    Ok(Some(stopped))
}

/// The commit that the stopped merge or rebase was to join with the branch; none if that is the remote's branch, which
/// the rest of the run joins anyway.
pub(super) fn other_side(session: &Session, stopped: &Stopped, remote_tip: Option<Oid>) -> Result<Option<Oid>> {
    let onto = stopped.other();
    let published = match remote_tip {
        Some(tip) => session.store.stems_from(tip, onto)?,
        None => false,
    };
    Ok((!published).then_some(onto))
}
