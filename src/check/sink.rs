//! The collector of findings.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Finding, Gated, KeyStep, Place, Report};

/// The path and text of a registry file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The path relative to the registry's folder.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
}

impl Source {
    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A registry file, deserialized as `T`.
#[derive(Debug)]
pub(super) struct Loaded<T> {
    /// The contents.
    pub value: Arc<T>,
    /// The path and text.
    pub source: Source,
}

/// The collector of findings, gate results and the number of files.
#[derive(Debug, Default)]
pub(super) struct Sink {
    report: Report,
    last: Last,
    silent: bool,
}

/// The file of the most recent findings at keys, and their number.
#[derive(Debug, Default)]
struct Last {
    path: String,
    found: usize,
    code: Option<&'static Code>,
}

/// The maximum number of findings at keys of one file. Each finding searches the file for its key, so a journal with
/// ten thousand errors would take minutes.
const MAX_AT_KEYS: usize = 50;

impl Sink {
    /// A sink that keeps nothing, for what is judged elsewhere.
    pub fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Whether this sink keeps nothing.
    pub fn is_silent(&self) -> bool {
        self.silent
    }

    /// Counts a file that was read.
    pub fn count_file(&mut self) {
        self.report.files += 1;
    }

    /// Adds a finding about a path as a whole.
    pub fn path(&mut self, code: &'static Code, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(code, path, None, None, message.into(), hint.into());
    }

    /// Adds a finding at a key of a file. The key's position is computed only here, because most files have no
    /// findings.
    pub fn key(
        &mut self,
        code: &'static Code,
        source: &Source,
        key: &[KeyStep],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.silent {
            return;
        }
        if self.last.path != source.path {
            self.report_omitted();
            self.last.path.clone_from(&source.path);
        }
        self.last.found += 1;
        if self.last.found > MAX_AT_KEYS {
            self.last.code.get_or_insert(code);
            return;
        }
        let place = Place::of_key(&source.text, key);
        self.push(code, &source.path, place, Some(&source.text), message.into(), hint.into());
    }

    /// Adds a finding at a byte range of a file.
    pub fn span(
        &mut self,
        code: &'static Code,
        source: &Source,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.silent {
            return;
        }
        let place = Some(Place::new(&source.text, span));
        self.push(code, &source.path, place, Some(&source.text), message.into(), hint.into());
    }

    /// Adds one finding with the number of findings that were omitted for the last file.
    fn report_omitted(&mut self) {
        let Last { path, found, code } = std::mem::take(&mut self.last);
        if let Some(code) = code {
            let message = format!("{} more findings in this file", found - MAX_AT_KEYS);
            self.path(code, &path, message, "fix the findings above first");
        }
    }

    fn push(
        &mut self,
        code: &'static Code,
        path: &str,
        place: Option<Place>,
        source: Option<&Arc<str>>,
        message: String,
        hint: String,
    ) {
        if self.silent {
            return;
        }
        let source = source.cloned();
        self.report.findings.push(Finding { code, file: path.to_owned(), place, message, hint, source });
    }

    /// Adds the gate results of a version that enters a stage.
    pub fn gated(&mut self, gated: Gated) {
        self.report.gates.push(gated);
    }

    /// Adds the contents of another sink.
    pub fn merge(&mut self, mut other: Sink) {
        other.report_omitted();
        self.report.merge(other.report);
    }

    /// All findings, in order.
    pub fn report(mut self) -> Report {
        self.report_omitted();
        self.report.sort();
        self.report
    }
}

impl From<Report> for Sink {
    fn from(report: Report) -> Self {
        Self { report, ..Self::default() }
    }
}
