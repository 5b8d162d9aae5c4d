//! The names and kinds of a folder's entries, and the files that change the behaviour of git itself.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;

use super::file::Reader;
use super::sink::{Sink, Source};
use crate::diag::codes::file::FILE_TOO_LARGE;
use crate::diag::codes::tree::{
    DISGUISED_GIT, DUPLICATE_ENTRY, GIT_ATTRIBUTES, GIT_MODULES, NOT_A_PLAIN_FILE, PATH_TOO_LONG,
};
use crate::diag::sanitize::one_line;
use crate::model::disguise::{GitName, git_name};
use crate::model::files::Listing;
use crate::model::layout::{MODELS, SIGNERS_FILE};
use crate::model::tree::is_by_name;
use crate::model::{Content, Entry, EntryKind, Tree};

/// The longest path that a registry file may have, in bytes.
const MAX_PATH: usize = 200;

/// The kind of entry that is expected at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A plain file.
    File,
    /// A folder.
    Folder,
}

/// Whether the entry has the expected kind. Reports a finding if not.
pub(super) fn is(entry: &Entry, wanted: Wanted, sink: &mut Sink) -> bool {
    let (what, hint) = match (entry.kind, wanted) {
        (EntryKind::File, Wanted::File) | (EntryKind::Folder, Wanted::Folder) => return true,
        (EntryKind::File, _) => ("this is a file, but the registry expects a folder", "move the file away"),
        (EntryKind::Folder, _) => ("this is a folder, but the registry expects a file", "move the folder away"),
        (EntryKind::Executable, Wanted::File) => {
            ("the file is executable", "remove the executable bit with `git update-index --chmod=-x` or `chmod a-x`")
        }
        (EntryKind::Executable, Wanted::Folder) => {
            ("this is a file, but the registry expects a folder", "move the file away")
        }
        (EntryKind::Symlink, _) => ("this is a symbolic link", "replace the link with a copy of its target"),
        (EntryKind::Submodule, _) => ("this is a submodule", "remove the submodule with `git rm`"),
        (EntryKind::Other, _) => ("this is neither a file nor a folder", "remove it"),
    };
    sink.path(&NOT_A_PLAIN_FILE, &entry.path, what, hint);
    false
}

/// The entries of a folder in the tree's order, without those that no registry may contain, which are reported.
pub(super) fn list(reader: &Reader<'_>, folder: &Entry, sink: &mut Sink) -> Result<Listing> {
    let listing = reader.list(folder)?;
    let mut stays = firsts(&listing, sink);
    for (entry, stays) in listing.iter().zip(&mut stays) {
        *stays = *stays && may_stay(reader.tree(), entry, folder, sink)?;
    }
    if stays.iter().all(|&stays| stays) {
        return Ok(listing);
    }
    let kept = listing.iter().zip(stays).filter(|(_, stays)| *stays).map(|(entry, _)| entry.clone());
    Ok(Arc::new(kept.collect()))
}

/// Whether a registry may contain the entry of a folder. Reports a finding if not.
fn may_stay(tree: &dyn Tree, entry: &Entry, folder: &Entry, sink: &mut Sink) -> Result<bool> {
    let (name, at_root) = (entry.name(), folder.path.is_empty());
    match git_name(name) {
        _ if name.contains('\\') => {
            disguised(entry, sink);
            return Ok(false);
        }
        Some(GitName::Folder) => {
            // The working tree of a repository has its own `.git` at the root, and git lets no tree hold that name.
            if !(at_root && name == ".git") {
                disguised(entry, sink);
            }
            return Ok(false);
        }
        Some(GitName::Modules) => {
            sink.path(&GIT_MODULES, &entry.path, "a registry has no submodules", "remove the file with `git rm`");
            return Ok(false);
        }
        Some(GitName::Attributes) => check_attributes(tree, entry, sink)?,
        None => {}
    }
    if !at_root && entry.path.len() > MAX_PATH {
        let message = format!("the path has {} bytes; the maximum is {MAX_PATH}", entry.path.len());
        sink.path(&PATH_TOO_LONG, &entry.path, message, "choose a shorter name");
    }
    Ok(true)
}

fn disguised(entry: &Entry, sink: &mut Sink) {
    let message = format!("some file systems read the name `{}` as `.git`", one_line(entry.name()));
    sink.path(&DISGUISED_GIT, &entry.path, message, "remove the entry");
}

/// For each entry, whether it is the first of its name. Reports the others.
fn firsts(entries: &[Entry], sink: &mut Sink) -> Vec<bool> {
    // git sorts entries with a `/` after the names of folders, so a file and a folder of one name need not be adjacent.
    if is_by_name(entries) {
        return vec![true; entries.len()];
    }
    let mut seen = HashSet::with_capacity(entries.len());
    let firsts: Vec<bool> = entries.iter().map(|entry| seen.insert(entry.path.as_str())).collect();
    for (entry, _) in entries.iter().zip(&firsts).filter(|(_, first)| !**first) {
        let message = format!("the folder contains `{}` twice", one_line(entry.name()));
        sink.path(&DUPLICATE_ENTRY, &entry.path, message, "write the tree again with git: `git rm`, add, commit");
    }
    firsts
}

/// Checks a `.gitattributes`: no line may make git write bytes to disk that differ from the commit.
fn check_attributes(tree: &dyn Tree, entry: &Entry, sink: &mut Sink) -> Result<()> {
    if sink.is_silent() || !is(entry, Wanted::File, sink) {
        return Ok(());
    }
    let bytes = match tree.read(entry)? {
        Content::Bytes(bytes) => bytes,
        Content::TooLarge(size) => {
            let message = format!("the file has {size} bytes");
            sink.path(&FILE_TOO_LARGE, &entry.path, message, "shorten the file; git attributes need only a few lines");
            return Ok(());
        }
    };
    let source = Source { path: entry.path.clone(), text: String::from_utf8_lossy(&bytes).into() };
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        if let Some(attribute) = converts(line.trim()) {
            let span = start..start + line.trim_end().len();
            let message = format!("`{}` would convert registry files at checkout", one_line(attribute));
            sink.span(
                &GIT_ATTRIBUTES,
                &source,
                span,
                message,
                "remove the attribute, or narrow the pattern to other files",
            );
        }
        start += line.len();
    }
    Ok(())
}

/// The attribute of a line that converts content, if its pattern could match a registry file. With `text` alone, line
/// ends on disk depend on each user's settings; with `text eol=lf` they are always LF.
fn converts(line: &str) -> Option<&str> {
    if line.starts_with('#') {
        return None;
    }
    let (pattern, attributes) = match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some(quoted) => quoted,
        None => line.split_once([' ', '\t'])?,
    };
    let ends_in_lf = attributes.split_ascii_whitespace().any(|attribute| attribute == "eol=lf");
    let is_conversion = |attribute: &&str| {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name {
            "filter" | "ident" | "working-tree-encoding" | "crlf" => true,
            "text" => !ends_in_lf,
            "eol" => value != "lf",
            // These override an `eol=lf` of an earlier line.
            "!eol" | "-eol" => true,
            _ => false,
        }
    };
    if pattern.starts_with("[attr]") {
        // Any other line can apply a macro, so its own pattern does not matter.
        return attributes.split_ascii_whitespace().find(is_conversion);
    }
    attributes.split_ascii_whitespace().find(is_conversion).filter(|_| could_match(pattern))
}

/// Whether a pattern might match a file that the registry reads. True in doubt.
fn could_match(pattern: &str) -> bool {
    let is_wild = |part: &str| part.contains(['*', '?', '[', '\\']);
    let path = pattern.trim_start_matches('/');
    if let Some((first, _)) = path.split_once('/')
        && !is_wild(first)
        && !first.eq_ignore_ascii_case(MODELS)
    {
        return false;
    }
    let last = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if !is_wild(&last) {
        return last.ends_with(".toml") || last == SIGNERS_FILE || last == MODELS || last.is_empty();
    }
    match last.rsplit_once('.') {
        Some((_, extension)) => is_wild(extension) || extension == "toml",
        None => true,
    }
}
