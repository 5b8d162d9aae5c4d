//! Installing the hooks in a repository.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::environment::Environment;
use super::super::session::Session;
use super::{checked, session};
use crate::diag::sanitize::for_shell;
use crate::store::{HookWritten, Store, write_hook};

/// The line that marks a hook as modelreg's. Installed hooks contain this line: a change would orphan them.
const MARKER: &str =
    "# A hook of modelreg's, which `modelreg hook install` writes anew: keep your own lines elsewhere.";

/// The result for one hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledHook {
    /// The hook's name in git.
    pub name: &'static str,
    /// What was done.
    pub written: HookWritten,
    /// The line to add to an existing hook of another program.
    pub line: String,
}

/// The result of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The hooks' folder.
    pub folder: PathBuf,
    /// Whether `core.hooksPath` names the folder.
    pub named: bool,
    /// The hooks.
    pub hooks: Vec<InstalledHook>,
    /// Whether the commit at HEAD contains the registry; false in an empty repository.
    pub registry_found: bool,
}

/// Installs `pre-commit` and `pre-push` in a clone, and `pre-receive` in a bare repository. `folder` is the registry's
/// folder relative to the root of the repository; none searches from `dir` upward. Never replaces another program's
/// hook.
pub fn install_hooks(dir: &Path, environment: Environment, folder: Option<&str>) -> Result<Installed> {
    let session = match folder {
        Some(folder) => session(dir, environment, folder)?,
        None => Session::open(dir, environment)?,
    };
    let store = &session.store;
    let names = names(store)?;
    let place = store.hooks_folder()?;
    let prefix = checked(&store.prefix())?;
    let mut hooks = Vec::new();
    for &name in names {
        let call = call(name, &prefix);
        let written = write_hook(&place.path.join(name), &script(name, &call), MARKER)?;
        hooks.push(InstalledHook { name, written, line: format!("{call} || exit 1") });
    }
    let registry_found = match store.head()? {
        Some(head) => super::judge::holds_registry(store, head)?,
        None => false,
    };
    Ok(Installed { folder: place.path, named: place.named, hooks, registry_found })
}

/// The hooks for a repository of this kind.
fn names(store: &Store) -> Result<&'static [&'static str]> {
    Ok(if store.is_bare()? { &["pre-receive"] } else { &["pre-commit", "pre-push"] })
}

/// The hooks that are missing or do not run the check.
pub(in crate::ops) fn installed(session: &Session) -> Result<Vec<&'static str>> {
    let store = &session.store;
    let names = names(store)?;
    let place = store.hooks_folder()?;
    // Another program's hook may run the check.
    let runs = |name: &str| {
        let text = std::fs::read_to_string(place.path.join(name)).unwrap_or_default();
        text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(&format!("modelreg hook {name}")))
    };
    Ok(names.iter().copied().filter(|name| !runs(name)).collect())
}

fn call(name: &str, folder: &str) -> String {
    let folder = if folder.is_empty() { String::new() } else { format!(" --folder {}", for_shell(folder)) };
    format!("modelreg hook {name}{folder} -- \"$@\"")
}

fn script(name: &str, call: &str) -> String {
    let missing = match name {
        "pre-commit" => "the staged files were not checked. Install it, or skip the check: git commit --no-verify",
        "pre-push" => "the pushed commits were not checked. Install it, or skip the check: git push --no-verify",
        _ => "the server cannot check this push and refuses it. Report this to its administrator",
    };
    format!(
        "#!/bin/sh\n{MARKER}\n\
         command -v modelreg >/dev/null || {{ echo 'modelreg is not on the PATH: {missing}.' >&2; exit 1; }}\n\
         exec {call}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_cannot_break_out_of_the_script() {
        let folder = "a'; rm -rf b; '";
        let words = shlex::split(&call("pre-push", folder));
        assert_eq!(
            words,
            Some(["modelreg", "hook", "pre-push", "--folder", folder, "--", "$@"].map(str::to_owned).into())
        );
        assert_eq!(call("pre-push", ""), "modelreg hook pre-push -- \"$@\"");
    }
}
