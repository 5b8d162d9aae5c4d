//! What is checked out, and what this clone and the remote do not have in common.

use anyhow::Result;

use super::{Check, Health};
use crate::diag::sanitize::for_shell;
use crate::ops::publish::push_branch;
use crate::ops::registry_branch::RegistryBranch;
use crate::ops::session::Session;
use crate::store::StoreError;

/// Checks of the working tree and of the registry's branch.
pub(super) fn checkout(session: &Session) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    if let Some(stopped) = session.store.stopped()? {
        let what = stopped.what();
        let found = format!("a {what} is in progress: no command can write, and queries show a state in between");
        checks.push(Check::bad("checkout", found, "modelreg sync"));
    }
    // `branch` reports a branch that is not here.
    let Ok(home) = session.registry_branch() else { return Ok(checks) };
    let name = home.branch.name();
    let switch = format!("git switch {}", for_shell(name));
    match session.store.branch(None) {
        _ if !checks.is_empty() => {}
        Ok(now) if now.full_name == home.branch.full_name => {
            checks.push(Check::good("checkout", format!("the registry's branch `{name}` is checked out")));
        }
        Ok(now) => {
            let found =
                format!("`{}` is checked out: queries read it and writes go to it, not to `{name}`", now.name());
            checks.push(Check::not(Health::Note, "checkout", found, switch));
        }
        Err(StoreError::NoBranch(_)) => {
            let found = "HEAD is detached: queries read this commit, and writes need a branch";
            checks.push(Check::not(Health::Note, "checkout", found, switch));
        }
        Err(error) => return Err(error.into()),
    }
    checks.extend(remote(session, &home)?);
    checks.extend(requests(session, &home)?);
    Ok(checks)
}

/// The commits that only this clone or only the remote has, as of the last fetch.
fn remote(session: &Session, home: &RegistryBranch) -> Result<Option<Check>> {
    let Some(remote) = &home.remote else { return Ok(None) };
    let (store, name) = (&session.store, home.branch.name());
    let theirs = store.tip(&store.remote_branch(remote, name))?;
    let (Some(ours), Some(theirs)) = (store.tip(&home.branch)?, theirs) else {
        let found = format!("`{remote}` does not have `{name}`: nobody else has this registry");
        return Ok(Some(Check::not(Health::Note, "remote", found, push_branch(remote, name))));
    };
    let (ahead, behind) = (store.commits_between(theirs, ours)?, store.commits_between(ours, theirs)?);
    let commits = |n: usize| if n == 1 { "1 commit".to_owned() } else { format!("{n} commits") };
    Ok(Some(match (ahead, behind) {
        (0, 0) => Check::good("remote", format!("`{name}` and `{remote}/{name}` are the same, as of the last fetch")),
        (0, n) => {
            let found = format!("`{name}` is {} behind `{remote}/{name}`: queries do not show them", commits(n));
            Check::not(Health::Note, "remote", found, "modelreg sync")
        }
        (n, 0) => {
            let found = format!("`{name}` has {} that `{remote}` does not have: nobody else sees them", commits(n));
            Check::not(Health::Note, "remote", found, "modelreg sync")
        }
        (ahead, behind) => {
            let found = format!(
                "`{name}` and `{remote}/{name}` have diverged: {} here, {} there",
                commits(ahead),
                commits(behind)
            );
            Check::bad("remote", found, "modelreg sync")
        }
    }))
}

/// The requests that only this clone has.
fn requests(session: &Session, home: &RegistryBranch) -> Result<Vec<Check>> {
    let Some(remote) = &home.remote else { return Ok(Vec::new()) };
    let mut checks = Vec::new();
    for found in session.store.request_branches()?.into_iter().filter(|found| found.remote.is_none()) {
        let is_there = session.store.tip(&session.store.remote_branch(remote, &found.name))?.is_some();
        if is_there || session.store.stems_from(home.tip, found.commit)? {
            continue;
        }
        let id = found.name.strip_prefix(crate::model::REQUESTS).unwrap_or(&found.name);
        let why = format!("the request {id} is only in this clone: nobody else can review it");
        checks.push(Check::not(Health::Note, "requests", why, push_branch(remote, &found.name)));
    }
    Ok(checks)
}
