//! Putting the hooks into a repository.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::environment::Environment;
use super::super::session::Session;
use super::{checked, session};
use crate::diag::sanitize::for_shell;
use crate::store::{HookWritten, Store, write_hook};

/// The line by which our hooks are known.
const MARKER: &str =
    "# A hook of modelreg's, which `modelreg hook install` writes anew: keep your own lines elsewhere.";

/// A hook, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledHook {
    /// Git's name of it.
    pub name: &'static str,
    /// What was done.
    pub written: HookWritten,
    /// The line that runs the check from somebody else's hook.
    pub line: String,
}

/// What was installed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder of the hooks.
    pub folder: PathBuf,
    /// Whether `core.hooksPath` names that folder.
    pub named: bool,
    /// Each hook.
    pub hooks: Vec<InstalledHook>,
    /// Whether the registry is in the commit that HEAD names; false in a repository that is still empty.
    pub registry_found: bool,
}

/// Installs `pre-commit` and `pre-push` in a clone, `pre-receive` in a bare repository. `folder` is the registry's from
/// the repository's top; none looks for it from `dir` upward. A hook of somebody else's is never replaced.
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

/// The hooks that a repository of this kind has.
fn names(store: &Store) -> Result<&'static [&'static str]> {
    Ok(if store.is_bare()? { &["pre-receive"] } else { &["pre-commit", "pre-push"] })
}

/// The hooks that are not there, or do not run the check.
pub(in crate::ops) fn installed(session: &Session) -> Result<Vec<&'static str>> {
    let store = &session.store;
    let names = names(store)?;
    let place = store.hooks_folder()?;
    // Somebody else's hook may run ours.
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
