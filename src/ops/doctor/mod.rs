//! Checks of the settings of a clone or a server. Each problem comes with the command that fixes it. Changes nothing.

mod checkout;

use anyhow::Result;

use self::checkout::checkout;
use super::hook::{LOCK, installed};
use super::session::Session;
use super::whoami::key;
use crate::diag::sanitize::for_shell;
use crate::model::signers::Listing;
use crate::model::{Purpose, Review, Snapshot, UserId};
use crate::store::StoreError;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Correct.
    Good,
    /// Works, but could be improved.
    Note,
    /// A command will fail, or the setting is not safe.
    Bad,
}

/// One check.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Check {
    /// The check's name: `identity`, `signing-key`, ...
    pub name: &'static str,
    /// The result.
    pub health: Health,
    /// The state that was found, and why it matters if it is not good.
    pub found: String,
    /// The command that fixes the problem.
    pub fix: Option<String>,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, health: Health::Good, found: found.into(), fix: None }
    }

    fn not(health: Health, name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, health, found: found.into(), fix: Some(fix.into()) }
    }

    fn bad(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::not(Health::Bad, name, found, fix)
    }
}

/// Runs all checks.
pub fn doctor(session: &Session) -> Result<Vec<Check>> {
    let bare = session.store.is_bare()?;
    let mut checks = vec![branch(session), git(session)];
    if bare {
        checks.extend(server(session)?);
    } else {
        let (identity, by) = identity(session);
        checks.push(identity);
        if let Some(by) = by
            && checks[0].health == Health::Good
        {
            checks.extend(signing(session, &by)?);
            checks.extend(forge(session)?);
        }
        checks.extend(checkout(session)?);
        checks.extend(clone(session)?);
    }
    checks.push(hooks(session, bare)?);
    checks.extend(locks(session)?);
    Ok(checks)
}

fn branch(session: &Session) -> Check {
    match session.registry_branch() {
        Ok(found) => Check::good("branch", format!("the registry's branch is `{}`", found.branch.name())),
        Err(error) => {
            let fix = error.downcast_ref::<super::Refusal>().and_then(|refusal| refusal.hint.clone());
            Check::bad("branch", error.to_string(), fix.unwrap_or_else(|| "modelreg validate".into()))
        }
    }
}

fn git(session: &Session) -> Check {
    match session.store.git_version() {
        Ok(version) => Check::good("git", version),
        Err(error) => Check::bad("git", format!("{error}: nothing can be pushed or signed"), "sudo apt install git"),
    }
}

fn identity(session: &Session) -> (Check, Option<UserId>) {
    match session.person().and_then(|person| session.user(&person)) {
        Ok(by) => (Check::good("identity", format!("you are `{by}`")), Some(by)),
        Err(error) => {
            (Check::bad("identity", error.to_string(), "git config --global user.email you@example.com"), None)
        }
    }
}

/// The key for approvals, if a stage requires signed approvals.
fn signing(session: &Session, by: &UserId) -> Result<Option<Check>> {
    const NAME: &str = "signing-key";
    let tree = session.registry_tree()?;
    let registry = Snapshot::open(&tree)?.registry;
    let wanted: Vec<&str> =
        registry.stages.iter().filter(|s| s.review == Review::Signed).map(|s| s.name.as_str()).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    if !session.store.has_ssh_keygen() {
        let why = "ssh-keygen is not on the PATH: no approval can be signed or verified";
        return Ok(Some(Check::bad(NAME, why, "sudo apt install openssh-client")));
    }
    let Some(key) = key(session, by)? else {
        let why =
            format!("{} requires signed approvals, and git is not configured to sign with SSH", wanted.join(", "));
        let fix = "git config --global gpg.format ssh && git config --global user.signingkey ~/.ssh/id_ed25519.pub";
        return Ok(Some(Check::not(Health::Note, NAME, why, fix)));
    };
    let Some(public) = key.public else {
        let why = format!("the signing key `{}` is not a valid key, or its public key file is missing", key.place);
        return Ok(Some(Check::bad(NAME, why, format!("ssh-keygen -y -f '{0}' > '{0}.pub'", key.place))));
    };
    let [approval, request] = [Purpose::Approval, Purpose::Request].map(Purpose::namespace);
    let add = format!("echo '{by} namespaces=\"{approval},{request}\" {}' >> allowed_signers", public.text);
    let why = match key.listing {
        Listing::Listed => {
            let found =
                format!("approvals are signed with {}, which allowed_signers lists for you", public.fingerprint);
            return Ok(Some(Check::good(NAME, found)));
        }
        Listing::Absent => "is not in the registry's allowed_signers",
        Listing::AnotherPerson => "is in allowed_signers for another user",
        Listing::AnotherNamespace => "is in allowed_signers, but not for requests and approvals",
        Listing::AnotherTime => "is in allowed_signers, but is not valid now",
    };
    let found = format!("your key {} {why}: your approvals would not count", public.fingerprint);
    Ok(Some(Check::not(Health::Note, NAME, found, format!("{add}   # commit it as a separate, reviewed change"))))
}

/// The CODEOWNERS file, if a forge counts the approvals of a stage.
fn forge(session: &Session) -> Result<Option<Check>> {
    let tree = session.registry_tree()?;
    let registry = Snapshot::open(&tree)?.registry;
    let Some(stage) = registry.stages.iter().find(|stage| stage.review == Review::Forge) else { return Ok(None) };
    let top = session.store.top_on_disk()?.unwrap_or_default();
    let known = ["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS", "docs/CODEOWNERS"];
    Ok(Some(match known.iter().find(|path| top.join(path).is_file()) {
        Some(path) => Check::good(
            "forge",
            format!(
                "{} is reviewed on the forge, and `{path}` names the reviewers; the branch protection must require their review",
                stage.name
            ),
        ),
        None => Check::bad(
            "forge",
            format!(
                "{} is reviewed on the forge, but no CODEOWNERS file names the reviewers: any user's approval would count",
                stage.name
            ),
            "modelreg codeowners --forge github",
        ),
    }))
}

fn clone(session: &Session) -> Result<Vec<Check>> {
    let missing = session.store.missing()?;
    let mut checks = Vec::new();
    if missing.shallow {
        let why = "the clone is shallow: all queries work, but a request can neither be checked nor land";
        checks.push(Check::not(Health::Note, "clone", why, "git fetch --unshallow"));
    }
    if let Some(remote) = missing.promisor {
        let why = format!("the clone is partial: git fetches missing files from `{remote}`, modelreg does not");
        let unset = |key: &str| format!("git config --unset {}", for_shell(&format!("remote.{remote}.{key}")));
        let (filter, promisor) = (unset("partialclonefilter"), unset("promisor"));
        let fix = format!("{filter}; {promisor}; git fetch --refetch {}", for_shell(&remote));
        checks.push(Check::bad("clone", why, fix));
    }
    if checks.is_empty() {
        checks.push(Check::good("clone", "the clone has all files and all history"));
    }
    Ok(checks)
}

fn server(session: &Session) -> Result<Vec<Check>> {
    let store = &session.store;
    let durable = if store.is_durable()? {
        Check::good("fsync", "git flushes a push to disk before it confirms the push")
    } else {
        let why = "git does not flush a push to disk before it confirms the push: after a power loss, a confirmed change could be missing";
        Check::bad("fsync", why, "git config core.fsync all")
    };
    let checked = if store.checks_objects()? {
        Check::good("fsck", "git checks every pushed object")
    } else {
        Check::bad("fsck", "git accepts malformed objects", "git config receive.fsckObjects true")
    };
    let locked = if store.is_set(LOCK)? {
        Check::good("policy", "a push cannot change who may approve")
    } else {
        let why = "every user who can push can change who may approve, unless a forge requires a review of that change";
        Check::not(Health::Note, "policy", why, format!("git config {LOCK} true"))
    };
    Ok(vec![durable, checked, locked])
}

fn hooks(session: &Session, bare: bool) -> Result<Check> {
    let missing = match installed(session) {
        Ok(missing) => missing,
        Err(error) => return Ok(Check::bad("hooks", error.to_string(), "git config --local --unset core.hooksPath")),
    };
    Ok(match (missing.is_empty(), bare) {
        (true, _) => Check::good("hooks", "git's hooks check the registry's rules"),
        (false, true) => Check::bad(
            "hooks",
            "pre-receive is missing: this server accepts every push unchecked",
            "modelreg hook install",
        ),
        (false, false) => Check::not(
            Health::Note,
            "hooks",
            format!("{} missing: only the server or CI finds a broken rule", missing.join(" and ")),
            "modelreg hook install",
        ),
    })
}

fn locks(session: &Session) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (path, age) in session.store.locks()? {
        let error = StoreError::Locked { path: path.clone(), age };
        let fix = format!("rm '{}'   # only if no git process runs in this repository", path.display());
        let health = if error.is_stale_lock() { Health::Bad } else { Health::Note };
        checks.push(Check::not(health, "locks", error.to_string(), fix));
    }
    if checks.is_empty() {
        checks.push(Check::good("locks", "no locks"));
    }
    if session.store.pending()?.is_some() {
        let why = "a command was stopped before it could finish; the next command that writes finishes its work first";
        checks.push(Check::not(Health::Note, "unfinished", why, "run that command again"));
    }
    Ok(checks)
}
