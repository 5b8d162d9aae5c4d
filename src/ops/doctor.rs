//! What is set wrong in a clone or on a server, why it matters, and the command that fixes it. Nothing is changed.

use anyhow::Result;

use super::hook::{LOCK, installed};
use super::session::Session;
use super::whoami::key;
use crate::diag::sanitize::for_shell;
use crate::model::signers::Listing;
use crate::model::statement::NAMESPACE;
use crate::model::{Review, Snapshot, UserId};
use crate::store::StoreError;

/// How something is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and could be better.
    Note,
    /// Something will fail, or is not safe.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Check {
    /// What: `identity`, `signing-key`, ...
    pub name: &'static str,
    /// How it is set.
    pub health: Health,
    /// What was found, and why it matters where it is not good.
    pub found: String,
    /// The command that fixes it.
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

/// Looks at everything, and stops at nothing.
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

/// The key for approvals, where a stage wants them signed.
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
        let why = format!("{} wants signed approvals, and git is not set to sign by SSH", wanted.join(", "));
        let fix = "git config --global gpg.format ssh && git config --global user.signingkey ~/.ssh/id_ed25519.pub";
        return Ok(Some(Check::not(Health::Note, NAME, why, fix)));
    };
    let Some(public) = key.public else {
        let why = format!("the signing key `{}` has no public key beside it, or is none", key.place);
        return Ok(Some(Check::bad(NAME, why, format!("ssh-keygen -y -f '{0}' > '{0}.pub'", key.place))));
    };
    let add = format!("echo '{by} namespaces=\"{NAMESPACE}\" {}' >> allowed_signers", public.text);
    let why = match key.listing {
        Listing::Listed => {
            let found =
                format!("approvals are signed with {}, which allowed_signers lists for you", public.fingerprint);
            return Ok(Some(Check::good(NAME, found)));
        }
        Listing::Absent => "is not in the registry's allowed_signers",
        Listing::AnotherPerson => "is in allowed_signers for somebody else",
        Listing::AnotherNamespace => "is in allowed_signers for something else than approvals",
        Listing::AnotherTime => "is in allowed_signers, and not valid now",
    };
    let found = format!("your key {} {why}: your approvals would not count", public.fingerprint);
    Ok(Some(Check::not(Health::Note, NAME, found, format!("{add}   # in a change of its own, reviewed"))))
}

/// The forge, where it counts the approvals.
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
                "{} is reviewed on the forge, and `{path}` says by whom; its branch protection must ask for it",
                stage.name
            ),
        ),
        None => Check::bad(
            "forge",
            format!(
                "{} is reviewed on the forge, and no CODEOWNERS says by whom: anybody's approval would do",
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
        let why = "history is cut off: all questions are answered, but a request can neither be judged nor land";
        checks.push(Check::not(Health::Note, "clone", why, "git fetch --unshallow"));
    }
    if let Some(remote) = missing.promisor {
        let why = format!(
            "the clone is partial: files that are not here are fetched from `{remote}` by git, not by modelreg"
        );
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
        Check::good("fsync", "git flushes what is pushed before it says that it has it")
    } else {
        let why = "git leaves what is pushed to the operating system for a while: power loss could take an acknowledged change";
        Check::bad("fsync", why, "git config core.fsync all")
    };
    let checked = if store.checks_objects()? {
        Check::good("fsck", "git looks at every object that is pushed")
    } else {
        Check::bad("fsck", "git takes malformed objects", "git config receive.fsckObjects true")
    };
    let locked = if store.is_set(LOCK)? {
        Check::good("policy", "what is pushed cannot change who may approve")
    } else {
        let why = "whoever can push can change who may approve, where no forge asks for a review of that";
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
        (true, _) => Check::good("hooks", "the registry's rules are checked in git's hooks"),
        (false, true) => {
            Check::bad("hooks", "pre-receive is missing: this server takes whatever is pushed", "modelreg hook install")
        }
        (false, false) => Check::not(
            Health::Note,
            "hooks",
            format!("{} missing: what breaks a rule is found only by the server or by CI", missing.join(" and ")),
            "modelreg hook install",
        ),
    })
}

fn locks(session: &Session) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (path, age) in session.store.locks()? {
        let error = StoreError::Locked { path: path.clone(), age };
        let fix = format!("rm '{}'   # only when no git process runs here any more", path.display());
        let health = if error.is_stale_lock() { Health::Bad } else { Health::Note };
        checks.push(Check::not(health, "locks", error.to_string(), fix));
    }
    if checks.is_empty() {
        checks.push(Check::good("locks", "no lock is in the way"));
    }
    if session.store.pending()?.is_some() {
        let why = "a command was stopped before it could finish; the next one that writes finishes its work first";
        checks.push(Check::not(Health::Note, "unfinished", why, "run that command again"));
    }
    Ok(checks)
}
