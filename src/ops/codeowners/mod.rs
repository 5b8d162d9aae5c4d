//! Writing a forge's CODEOWNERS file from the policy. If the forge requires reviews by code owners, its reviewers are
//! then the registry's approvers.

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

/// The file to write.
#[derive(Debug, Clone)]
pub struct CodeOwners {
    /// The forge.
    pub forge: Forge,
    /// The names of people on the forge, by address: a user, or `org/team`, without the `@`.
    pub names: BTreeMap<UserId, String>,
    /// Whether to write nothing and only check that the file is up to date.
    pub check: bool,
}

/// The result: the file and warnings about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenOwners {
    /// The path relative to the root of the repository.
    pub path: String,
    /// Whether the file was up to date already.
    pub up_to_date: bool,
    /// The number of lines with owners.
    pub lines: usize,
    /// The people without a known name on a forge that does not accept addresses.
    pub unknown: Vec<UserId>,
    /// Whether lines after the managed part override it.
    pub overruled: bool,
}

/// Updates the checked-out CODEOWNERS file from the registry's checked-out files. Does not commit: CODEOWNERS may cover
/// the whole repository and is committed like its other files.
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
    // On Gitea, the owners of every matching line are asked for a review.
    let overruled = ask.forge != Forge::Gitea && managed::overruled(&new)?;
    Ok(WrittenOwners { path, up_to_date, lines, unknown, overruled })
}

/// The path of the file that the forge reads: the first existing one of its places, or the default.
fn place(top: &Path, forge: Forge) -> Result<String> {
    for place in forge.places() {
        if read_file(top, place)?.is_some() {
            return Ok(place.to_owned());
        }
    }
    Ok(forge.default_place().to_owned())
}

/// The managed lines, the number of lines with owners, and the people without a known name on the forge.
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
                // On GitHub and GitLab a pattern without owners means that no review is required.
                writeln!(text, "# no owner has a known name on the forge: {pattern}")?;
            } else {
                writeln!(text, "{pattern} {}", names.join(" "))?;
                lines += 1;
            }
        }
    }
    Ok((text, lines, unknown.into_iter().collect()))
}
