//! The CODEOWNERS file of a forge, made from the policy: where the forge is set to ask code owners, its own approvals then
//! come from those whom the registry names.

mod managed;
mod rules;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use self::rules::{Group, groups};
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{Snapshot, UserId};
use crate::store::{FolderTree, read_file, write_file};
pub use syntax::Forge;

/// What to write.
#[derive(Debug, Clone)]
pub struct CodeOwners {
    /// For which forge.
    pub forge: Forge,
    /// What the forge calls people, by their addresses: a user, or `org/team`, without the `@`.
    pub names: BTreeMap<UserId, String>,
    /// Write nothing, and tell only whether the file is up to date.
    pub check: bool,
}

/// The file, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenOwners {
    /// Its path from the repository's top.
    pub path: String,
    /// Whether it was as it should be already.
    pub up_to_date: bool,
    /// How many lines name owners.
    pub lines: usize,
    /// People that the forge cannot be told of, for it knows no addresses.
    pub unknown: Vec<UserId>,
    /// Whether lines after the managed part win over it.
    pub overruled: bool,
}

/// Brings the checked-out CODEOWNERS file up to date with the registry's files as they lie in the folder. It is not
/// committed: it may be a file of the whole repository, and goes the way of its other files.
pub fn codeowners(session: &Session, ask: &CodeOwners) -> Result<WrittenOwners> {
    let none = || Refusal::new("a bare repository has no files to write to", "run it in a clone");
    let folder = session.folder()?.ok_or_else(none)?;
    let top = session.store.top_on_disk()?.ok_or_else(none)?;
    let path = place(&top, ask.forge)?;
    let tree = FolderTree::new(&folder);
    let groups = groups(&Snapshot::open(&tree)?, &session.prefix(), &path)?;
    let (part, lines, unknown) = rendered(&groups, ask)?;

    let old = read_file(&top, &path)?;
    let new = managed::replaced(old.as_deref().unwrap_or_default(), &part)?;
    if let Some(largest) = ask.forge.largest().filter(|&largest| new.len() > largest) {
        let (bytes, name) = (new.len(), ask.forge.name());
        let why = format!("the file would have {bytes} bytes, more than the maximum of {largest} that {name} reads");
        let hint = "name approvers for each stage with a review: the file then has one line for the stage instead of one for each model";
        return Err(Refusal::new(why, hint).into());
    }
    let up_to_date = old.as_deref() == Some(&new);
    if !up_to_date && !ask.check {
        write_file(&top, &path, &new)?;
    }
    // Gitea asks the owners of every line that matches.
    let overruled = ask.forge != Forge::Gitea && managed::overruled(&new)?;
    Ok(WrittenOwners { path, up_to_date, lines, unknown, overruled })
}

/// The file that the forge reads: the first that is there of those it looks for. Another would hide it, or be hidden.
fn place(top: &Path, forge: Forge) -> Result<String> {
    for place in forge.places() {
        if read_file(top, place)?.is_some() {
            return Ok(place.to_owned());
        }
    }
    Ok(forge.default_place().to_owned())
}

/// The managed lines, how many of them name owners, and whom the forge cannot be told of.
fn rendered(groups: &[Group], ask: &CodeOwners) -> Result<(String, usize, Vec<UserId>)> {
    let (mut text, mut lines, mut unknown) = (String::new(), 0, BTreeSet::new());
    if groups.is_empty() {
        text.push_str("# No stage of the registry requires a review.\n");
    }
    for group in groups {
        writeln!(text, "# {}", group.what)?;
        for rule in &group.rules {
            let pattern = ask.forge.pattern(&rule.path).map_err(Refusal::from)?;
            let mut names = Vec::new();
            for owner in &rule.owners {
                match ask.names.get(owner) {
                    Some(name) => names.push(format!("@{name}")),
                    None if ask.forge.knows_addresses() => names.push(owner.to_string()),
                    None => drop(unknown.insert(owner.clone())),
                }
            }
            if names.is_empty() {
                // A pattern alone would say to GitHub and GitLab that anyone may change the files.
                writeln!(text, "# no owner has a known name on the forge: {pattern}")?;
            } else {
                writeln!(text, "{pattern} {}", names.join(" "))?;
                lines += 1;
            }
        }
    }
    Ok((text, lines, unknown.into_iter().collect()))
}
