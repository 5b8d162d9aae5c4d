//! Checking commits before git pushes them.

use std::path::Path;

use anyhow::Result;

use super::super::environment::Environment;
use super::judge::{self, JudgedRef, is_request};
use super::pushed::{Sent, sent};
use super::session;
use crate::ops::Session;
use crate::store::Oid;

/// Checks each pushed branch that contains the registry, against its state on the remote. `remote` is the remote's
/// name, or its address if it has no name; `input` is the hook's standard input. Returns the refs with their findings,
/// and the prefix of the registry's paths.
pub fn pre_push(
    dir: &Path,
    environment: Environment,
    folder: &str,
    remote: &str,
    input: &[u8],
) -> Result<(Vec<JudgedRef>, String)> {
    let session = session(dir, environment, folder)?;
    let judged = sent(input)?.iter().map(|line| judge(&session, remote, line)).collect::<Result<_>>()?;
    Ok((judged, session.prefix()))
}

fn judge(session: &Session, remote: &str, line: &Sent<'_>) -> Result<JudgedRef> {
    let store = &session.store;
    let branch = line.name.starts_with("refs/heads/");
    // The server checks deletions.
    let Some(local) = line.local.filter(|_| branch) else { return Ok(JudgedRef::fine(line.name)) };
    let there = line.remote.map(|id| store.commit_here(id)).transpose()?.flatten();
    let held = there.map_or(Ok(false), |there| judge::holds_registry(store, there))?;
    if !held && !judge::holds_registry(store, local)? {
        return Ok(JudgedRef::fine(line.name));
    }
    let report = match base(session, remote, line, local, there)? {
        Some(base) => judge::change(session, base, local)?,
        None => judge::files(session, local)?,
    };
    Ok(JudgedRef::by_rules(line.name, report, is_request(line.name)))
}

/// The base for the check: the branch's tip on the remote; for a new or rebased branch, the merge base with the
/// registry's branch.
fn base(session: &Session, remote: &str, line: &Sent<'_>, local: Oid, there: Option<Oid>) -> Result<Option<Oid>> {
    let store = &session.store;
    let home = judge::registry_branch(store, there.unwrap_or(local), line.name)?;
    if let Some(there) = there
        && (home.as_deref() == Some(line.name) || store.stems_from(local, there)?)
    {
        return Ok(Some(there));
    }
    let Some(home) = home else { return Ok(None) };
    let tracked = home.replacen("refs/heads/", &format!("refs/remotes/{remote}/"), 1);
    for candidate in [&tracked, &home] {
        if let Some(tip) = store.commit_of(candidate)? {
            // The remote does not have the registry's branch yet, so there is no earlier state to compare with.
            return if *candidate == line.name { Ok(None) } else { Ok(store.merge_base(tip, local)?) };
        }
    }
    Ok(None)
}
