//! What the base had before. A change is refused for what it brings or touches; a finding of the rules of a tree that the
//! base has too, in a file that the change leaves as it is, becomes a warning. One finding somewhere never stops
//! another model's rollback.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use super::diff::same;
use crate::check::file::Reader;
use crate::check::folders::{ModelFolder, model_folders};
use crate::check::sink::Sink;
use crate::check::{layout, model, registry};
use crate::diag::codes::change::{BROKEN_BEFORE, FAMILY};
use crate::diag::codes::model::{FORMER_NAME_SHARED, FORMER_NAME_TAKEN};
use crate::diag::codes::version::PARENT_MISSING;
use crate::diag::{Code, Finding, Report, Severity};
use crate::model::{Files, Keep, Snapshot};

/// The rules across models. Without a change of `registry.toml` they judge only what the change brings.
const ACROSS_MODELS: [&Code; 3] = [&PARENT_MISSING, &FORMER_NAME_SHARED, &FORMER_NAME_TAKEN];

/// Turns the errors that the base had before into warnings. The base is judged only if the head has errors that it
/// could have had too.
pub(super) fn to_warnings(report: &mut Report, base: &Snapshot<'_>, head: &Files<'_>) -> Result<()> {
    let could_be_older = |finding: &&Finding| {
        finding.code.severity == Severity::Error && !FAMILY.iter().any(|of_change| of_change.id == finding.code.id)
    };
    let paths: HashSet<String> =
        report.findings.iter().filter(could_be_older).map(|finding| finding.file.clone()).collect();
    if paths.is_empty() {
        return Ok(());
    }
    let mut untouched = HashSet::new();
    for path in paths {
        if is_untouched(base, head, &path)? {
            untouched.insert(path);
        }
    }
    let across = report.findings.iter().any(|finding| {
        untouched.contains(&finding.file) && ACROSS_MODELS.iter().any(|code| code.id == finding.code.id)
    });
    let known = findings(base, &untouched, across)?;
    let known: HashSet<_> = known.findings.iter().map(key).collect();
    for finding in &mut report.findings {
        if could_be_older(&&*finding) && untouched.contains(&finding.file) && known.contains(&key(finding)) {
            finding.message = format!("{} ({}); the base had this before", finding.message, finding.code.id);
            finding.code = &BROKEN_BEFORE;
        }
    }
    Ok(())
}

fn key(finding: &Finding) -> (&'static str, &str, &str) {
    (finding.code.id, &finding.file, &finding.message)
}

/// Whether both sides have the same file at a path, or none. Of a folder only the name counts: what changed in it is
/// judged by its files.
fn is_untouched(base: &Snapshot<'_>, head: &Files<'_>, path: &str) -> Result<bool> {
    match (base.tree.find(path)?, head.tree.find(path)?) {
        (None, None) => Ok(true),
        (Some(was), Some(is)) if was.is_folder() && is.is_folder() => Ok(true),
        (was, is) => same(&base.files, head, was.as_ref(), is.as_ref()),
    }
}

/// The findings of the rules of a tree in the base: of all files where a rule across models has findings, else of the
/// names of all models and of the models at the paths.
fn findings(base: &Snapshot<'_>, paths: &HashSet<String>, across: bool) -> Result<Report> {
    if across {
        return layout::check(&Reader { files: &base.files, keep: Keep::Nothing });
    }
    let reader = Reader { files: &base.files, keep: Keep::File };
    let mut sink = Sink::default();
    layout::check_root(&reader, &mut sink)?;
    if let Some(loaded) = registry::load(&reader, &mut sink)? {
        registry::check(&loaded, &reader, &mut sink)?;
    }
    let folders = model_folders(&reader, base.layout(), &mut sink)?;
    let folders: BTreeMap<&str, &ModelFolder> =
        folders.iter().map(|folder| (folder.entry.path.as_str(), folder)).collect();
    let above = |path: &String| path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect::<Vec<_>>();
    let models: BTreeMap<&str, &ModelFolder> = paths
        .iter()
        .flat_map(|path| above(path).into_iter().filter_map(|end| path.get(..end)))
        .filter_map(|path| folders.get_key_value(path))
        .map(|(path, folder)| (*path, *folder))
        .collect();
    for folder in models.into_values() {
        model::check(&reader, folder, Some(&base.registry), None, &mut sink)?;
    }
    Ok(sink.report())
}
