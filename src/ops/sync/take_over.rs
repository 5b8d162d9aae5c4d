//! Taking over a merge or a rebase that git has stopped because both sides changed files of the registry.

use anyhow::Result;

use crate::model::layout::MODELS;
use crate::ops::refusal::Refusal;
use crate::ops::session::Session;
use crate::store::{Oid, Stopped};

/// The stopped merge or rebase that the run takes over. Refused where that would lose something: only conflicts in files
/// of models are joined by what the files mean.
pub(super) fn stopped(session: &Session, named: Option<&str>) -> Result<Option<Stopped>> {
    let Some(stopped) = session.store.stopped()? else { return Ok(None) };
    let what = stopped.what();
    let finish = format!("finish it with `git {what} --continue`, or give it up with `git {what} --abort`");
    if let Some(named) = named.filter(|named| stopped.branch.name() != *named) {
        let why = format!("a {what} of `{}` is in progress, and `--branch` names `{named}`", stopped.branch.name());
        return Err(Refusal::new(why, finish).into());
    }
    let unmerged = session.store.unmerged()?;
    if unmerged.is_empty() {
        let why = format!("the {what} in progress has no conflict that modelreg could join");
        return Err(Refusal::new(why, finish).into());
    }
    let prefix = format!("{}{MODELS}/", session.prefix());
    if let Some(path) = unmerged.iter().find(|path| !path.starts_with(&prefix)) {
        let why =
            format!("the {what} that git has stopped also has a conflict in `{path}`, which only a person can join");
        let hint =
            format!("join `{path}` and the other files, `git add` them, and finish with `git {what} --continue`");
        return Err(Refusal::new(why, hint).into());
    }
    if let Some(path) = session.store.edited_since_stop(&stopped)? {
        let why =
            format!("`{path}` was edited since git stopped the {what}, and giving up the {what} would lose the edit");
        return Err(Refusal::new(
            why,
            "`git stash -- PATH` or copy the file elsewhere first, then run `modelreg sync`",
        )
        .into());
    }
    Ok(Some(stopped))
}

/// The commit that the stopped merge or rebase was to join with the branch; none if that is the remote's branch, which
/// the rest of the run joins anyway.
pub(super) fn other_side(session: &Session, stopped: &Stopped, remote_tip: Option<Oid>) -> Result<Option<Oid>> {
    let onto = stopped.other;
    let published = match remote_tip {
        Some(tip) => session.store.stems_from(tip, onto)?,
        None => false,
    };
    Ok((!published).then_some(onto))
}
