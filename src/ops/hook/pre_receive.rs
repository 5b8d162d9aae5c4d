//! Checking a push on the server, before any ref moves.
//!
//! The user who pushes is an adversary here: the content of a push never decides how the push is checked.

use std::path::Path;

use anyhow::Result;

use super::super::environment::Environment;
use super::judge::{self, JudgedRef, is_request};
use super::pushed::{Received, received};
use super::session;
use crate::model::disguise::visible;
use crate::model::{REQUESTS, RequestId};
use crate::ops::Session;
use crate::store::{Oid, Store};

/// The server's setting that locks the policy and the signers. Without a forge, no review covers a change of these
/// files, and a user who can change them can approve everything.
pub(in crate::ops) const LOCK: &str = "modelreg.lockPolicy";

/// The registry's branch of a server.
struct Home {
    /// The full name of the branch.
    name: String,
    /// The branch at HEAD, if it contains the registry. The branch is guarded too, because clones start from it.
    head: Option<String>,
    /// The commit with the policy that counts: the branch's tip, or HEAD's commit if the branch does not exist yet.
    tip: Oid,
}

/// Checks each ref of a push. `input` is the hook's standard input. Returns the refs with their findings, and the
/// prefix of the registry's paths.
pub fn pre_receive(
    dir: &Path,
    environment: Environment,
    folder: &str,
    input: &[u8],
) -> Result<(Vec<JudgedRef>, String)> {
    let quarantine = environment.hook.quarantine.clone();
    let mut session = session(dir, environment, folder)?;
    if let Some(folder) = quarantine {
        session.store = session.store.with_quarantine(&folder)?;
    }
    let home = home(&session.store)?;
    let lines = received(input)?;
    let judged = lines.iter().map(|line| judge(&session, home.as_ref(), &lines, line)).collect::<Result<_>>()?;
    Ok((judged, session.prefix()))
}

/// The registry's branch: the branch that the registry at HEAD names; without a registry at HEAD, the first branch
/// whose registry names that branch itself.
fn home(store: &Store) -> Result<Option<Home>> {
    let head = store.stands_for("HEAD")?;
    if let Some(tip) = store.commit_of(&head)?
        && let Some(name) = judge::registry_branch(store, tip, &head)?
    {
        let tip = store.commit_of(&name)?.unwrap_or(tip);
        return Ok(Some(Home { name, head: Some(head), tip }));
    }
    for name in store.branches()? {
        if let Some(tip) = store.commit_of(&name)?
            && judge::registry_branch(store, tip, &name)?.as_deref() == Some(name.as_str())
            && !is_request(&name)
        {
            return Ok(Some(Home { name, head: None, tip }));
        }
    }
    Ok(None)
}

/// Checks one line of a push.
fn judge(session: &Session, home: Option<&Home>, lines: &[Received<'_>], line: &Received<'_>) -> Result<JudgedRef> {
    let name = line.name;
    if name.starts_with("refs/replace/") {
        let why = "the ref would make git show other contents than the commits have";
        return Ok(JudgedRef::refused(name, why, "push commits instead of replacements"));
    }
    let Some(home) = home else { return first(session, line) };
    // A ref can be a symbolic ref of another branch.
    let target = session.store.stands_for(name)?;
    if target == home.name
        || home.head.as_deref() == Some(target.as_str())
        || names_itself(session, home, line, &target)?
    {
        return guarded(session, home, lines, line);
    }
    if line.new.is_some()
        && let Some((why, hint)) = in_the_way(&session.store, lines, line)?
    {
        return Ok(JudgedRef::refused(name, why, hint));
    }
    if let (Some(new), true) = (line.new, is_request(name)) {
        return request(session, home, line, new);
    }
    if line.new.is_some() && is_disguise(name, home) {
        let branch = short(&home.name);
        let why = format!("its name could be mistaken for the registry's branch `{branch}`");
        return Ok(JudgedRef::refused(name, why, "choose another name"));
    }
    Ok(JudgedRef::fine(name))
}

/// Why a branch would be in the way of requests, and the hint; none if it is not. Git keeps no branch `requests` beside
/// `requests/...`, and on some systems no two branches that differ only by case.
fn in_the_way(store: &Store, lines: &[Received<'_>], line: &Received<'_>) -> Result<Option<(String, String)>> {
    let Some(name) = line.name.strip_prefix("refs/heads/") else { return Ok(None) };
    let folder = REQUESTS.trim_end_matches('/');
    let first = name.split('/').next().unwrap_or_default();
    if !first.eq_ignore_ascii_case(folder) {
        return Ok(None);
    }
    if first != folder || name.parse::<RequestId>().is_err() {
        let why =
            format!("the branches of requests are named `{REQUESTS}MODEL/STAGE/VERSION`, and `{name}` is in their way");
        return Ok(Some((why, "choose a name outside of `requests`".into())));
    }
    let here = store.branches()?;
    let pushed = lines.iter().filter(|line| line.new.is_some()).map(|line| line.name.to_owned());
    let mut others = here.into_iter().chain(pushed);
    let twin = others.find(|other| other != line.name && other.to_lowercase() == line.name.to_lowercase());
    Ok(twin.map(|other| {
        let why = format!("`{name}` differs only by case from `{}`", short(&other));
        (why, "use the same name, or delete the other branch first".into())
    }))
}

/// Whether a branch's registry names that branch itself, if HEAD has no registry. Otherwise a push of a second such
/// branch could remove the guard of the first.
fn names_itself(session: &Session, home: &Home, line: &Received<'_>, target: &str) -> Result<bool> {
    let Some(old) = line.old.filter(|_| home.head.is_none() && target.starts_with("refs/heads/")) else {
        return Ok(false);
    };
    let here = session.store.commit_here(old)?;
    Ok(here.map(|old| judge::registry_branch(&session.store, old, target)).transpose()?.flatten().as_deref()
        == Some(target))
}

/// A push to a repository without a registry: the first branch with a registry must follow the rules.
fn first(session: &Session, line: &Received<'_>) -> Result<JudgedRef> {
    let name = line.name;
    let Some(new) = line.new.filter(|_| name.starts_with("refs/heads/")) else { return Ok(JudgedRef::fine(name)) };
    match judge::registry_branch(&session.store, new, name)? {
        Some(branch) if branch == name => Ok(JudgedRef::by_rules(name, judge::files(session, new)?, false)),
        _ => Ok(JudgedRef::fine(name)),
    }
}

/// A push to the registry's branch: only fast-forwards that follow the rules. Commits in between are not checked one by
/// one, because the registry is the content of the last commit.
fn guarded(session: &Session, home: &Home, lines: &[Received<'_>], line: &Received<'_>) -> Result<JudgedRef> {
    let name = line.name;
    let branch = short(name);
    let Some(new) = line.new else {
        let why = format!("`{branch}` is the registry's branch, and the server never deletes that branch");
        return Ok(JudgedRef::refused(name, why, "keep the branch; other branches can be deleted"));
    };
    let old = line.old.unwrap_or(home.tip);
    if !session.store.stems_from(new, old)? {
        let why =
            format!("the push is not a fast-forward of the registry's branch `{branch}`, and commits would be lost");
        let hint = format!(
            "fetch, rebase `{branch}` onto the server's newest commit, and push without --force; modelreg's commands can also be run again on that commit"
        );
        return Ok(JudgedRef::refused(name, why, hint));
    }
    if let Some(other) = unjudged(session, home, lines, new, name)? {
        let other = short(&other);
        let why = format!(
            "the push names `{other}` as the registry's branch, and `{other}` has commits that were not checked"
        );
        let hint = format!("push this commit to `{other}` first, or delete `{other}`");
        return Ok(JudgedRef::refused(name, why, hint));
    }
    if session.store.is_set(LOCK)? && judge::changes_policy(&session.store, old, new)? {
        let why = "the push changes who may approve (registry.toml, allowed_signers, or owners where owners approve), and this server locks that";
        let hint =
            format!("the server's administrator reviews the change and allows it with `git config --unset {LOCK}`");
        return Ok(JudgedRef::refused(name, why, hint));
    }
    Ok(JudgedRef::by_rules(name, judge::change(session, old, new)?, false))
}

/// The branch that a commit newly names as the registry's, if that branch, on the server or in the same push, is at
/// another commit: the push would make unchecked or outdated files the registry.
fn unjudged(
    session: &Session,
    home: &Home,
    lines: &[Received<'_>],
    new: Oid,
    found_on: &str,
) -> Result<Option<String>> {
    let Some(named) = judge::registry_branch(&session.store, new, found_on)? else { return Ok(None) };
    if named == home.name || named == found_on {
        return Ok(None);
    }
    let there = session.store.commit_of(&named)?;
    let mut pushed = lines.iter().filter(|line| line.name == named).map(|line| line.new);
    let elsewhere = there.is_some_and(|tip| tip != new) || pushed.any(|tip| tip != Some(new));
    Ok(elsewhere.then_some(named))
}

/// A push of a request: the change since the merge base must follow the rules.
fn request(session: &Session, home: &Home, line: &Received<'_>, new: Oid) -> Result<JudgedRef> {
    let Some(base) = session.store.merge_base(home.tip, new)? else {
        let branch = short(&home.name);
        let why = format!("the request has no commit in common with the registry's branch `{branch}`");
        return Ok(JudgedRef::refused(line.name, why, format!("start the request from `{branch}`")));
    };
    Ok(JudgedRef::by_rules(line.name, judge::change(session, base, new)?, true))
}

/// Whether git or a person could mistake a ref for the registry's branch: a tag of the same name, which git prefers, or
/// a name that differs only in case or in invisible characters.
fn is_disguise(name: &str, home: &Home) -> bool {
    let own = visible(short(&home.name));
    [name, short(name)].iter().any(|&name| visible(name) == own || visible(name) == visible(&home.name))
}

/// The name without `refs/heads/` or `refs/tags/`.
fn short(name: &str) -> &str {
    ["refs/heads/", "refs/tags/"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name)
}
