//! Judging a push on the server, before any ref moves.
//!
//! Whoever can push is an adversary here: nothing that a push brings decides how it is judged.

use std::path::Path;

use anyhow::Result;

use super::super::environment::Environment;
use super::judge::{self, JudgedRef, is_request};
use super::pushed::{Received, received};
use super::session;
use crate::model::disguise::visible;
use crate::ops::Session;
use crate::store::{Oid, Store};

/// The server's setting that locks the policy and the signers. Without a forge nobody reviews a change of these, and
/// whoever may make one can do all that it allows.
pub(in crate::ops) const LOCK: &str = "modelreg.lockPolicy";

/// The registry's branch of a server.
struct Home {
    /// The branch's full name.
    name: String,
    /// The branch that HEAD names, where it holds the registry: guarded too, for clones start from it.
    head: Option<String>,
    /// The commit whose policy counts: the branch's tip, or HEAD's while the branch is yet to be made.
    tip: Oid,
}

/// Judges each ref of a push. `input` is what git tells the hook. Gives the refs with what was found, and what stands
/// before the registry's paths.
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

/// The registry's branch: the one that HEAD's registry names; where HEAD has none, the first that names itself.
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

/// Judges one of a push's lines.
fn judge(session: &Session, home: Option<&Home>, lines: &[Received<'_>], line: &Received<'_>) -> Result<JudgedRef> {
    let name = line.name;
    if name.starts_with("refs/replace/") {
        let why = "the ref would make git show other contents than the commits have";
        return Ok(JudgedRef::refused(name, why, "push commits instead of replacements"));
    }
    let Some(home) = home else { return first(session, line) };
    // A branch can be another name for one.
    let target = session.store.stands_for(name)?;
    if target == home.name
        || home.head.as_deref() == Some(target.as_str())
        || names_itself(session, home, line, &target)?
    {
        return guarded(session, home, lines, line);
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

/// Whether a branch is a registry's by its own word, where HEAD says nothing: else whoever pushes another that says so,
/// too, would take the guard off the first.
fn names_itself(session: &Session, home: &Home, line: &Received<'_>, target: &str) -> Result<bool> {
    let Some(old) = line.old.filter(|_| home.head.is_none() && target.starts_with("refs/heads/")) else {
        return Ok(false);
    };
    let here = session.store.commit_here(old)?;
    Ok(here.map(|old| judge::registry_branch(&session.store, old, target)).transpose()?.flatten().as_deref()
        == Some(target))
}

/// A push to a repository without a registry: the branch that brings one must be in order.
fn first(session: &Session, line: &Received<'_>) -> Result<JudgedRef> {
    let name = line.name;
    let Some(new) = line.new.filter(|_| name.starts_with("refs/heads/")) else { return Ok(JudgedRef::fine(name)) };
    match judge::registry_branch(&session.store, new, name)? {
        Some(branch) if branch == name => Ok(JudgedRef::by_rules(name, judge::files(session, new)?, false)),
        _ => Ok(JudgedRef::fine(name)),
    }
}

/// A push to the registry's branch: forward only, and by the rules. The commits between need not each pass, for the
/// registry is what the last one holds.
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
        let why =
            "the push changes who may approve (registry.toml or allowed_signers), and this server locks these files";
        let hint =
            format!("the server's administrator reviews the change and allows it with `git config --unset {LOCK}`");
        return Ok(JudgedRef::refused(name, why, hint));
    }
    Ok(JudgedRef::by_rules(name, judge::change(session, old, new)?, false))
}

/// The branch that a commit makes the registry's, where it is, or the same push has it, at another commit: whoever put
/// that there would bring what no rule has seen, or what was there long ago.
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

/// A push of a request: by the rules, counted from where it left the registry's branch.
fn request(session: &Session, home: &Home, line: &Received<'_>, new: Oid) -> Result<JudgedRef> {
    let Some(base) = session.store.merge_base(home.tip, new)? else {
        let branch = short(&home.name);
        let why = format!("the request has no commit in common with the registry's branch `{branch}`");
        return Ok(JudgedRef::refused(line.name, why, format!("start the request from `{branch}`")));
    };
    Ok(JudgedRef::by_rules(line.name, judge::change(session, base, new)?, true))
}

/// Whether git or a person could take a ref for the registry's branch: a tag of its name, which git prefers, or a name
/// that differs only in case or in what is not seen.
fn is_disguise(name: &str, home: &Home) -> bool {
    let own = visible(short(&home.name));
    [name, short(name)].iter().any(|&name| visible(name) == own || visible(name) == visible(&home.name))
}

/// The name as people write it.
fn short(name: &str) -> &str {
    ["refs/heads/", "refs/tags/"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name)
}
