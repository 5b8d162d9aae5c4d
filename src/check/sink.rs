//! Where the rules put what they find.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Finding, Gated, KeyStep, Place, Report};

/// A file that was read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// From the registry's folder.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
}

impl Source {
    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A file that was read as `T`.
#[derive(Debug)]
pub(super) struct Loaded<T> {
    /// What it says.
    pub value: Arc<T>,
    /// Its path and text.
    pub source: Source,
}

/// Where the rules put what they find.
#[derive(Debug, Default)]
pub(super) struct Sink {
    report: Report,
    last: Last,
    silent: bool,
}

/// The file that findings at keys came from last, and how many.
#[derive(Debug, Default)]
struct Last {
    path: String,
    found: usize,
    code: Option<&'static Code>,
}

/// The most findings at keys of one file. Each costs a look through the file, so a journal of ten thousand slips would
/// take minutes, and nobody reads that many.
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

    /// A finding about a path as a whole.
    pub fn path(&mut self, code: &'static Code, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(code, path, None, None, message.into(), hint.into());
    }

    /// A finding at a key of a file. The place is looked up here, for only a file with findings needs it.
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
            self.tell_rest();
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

    /// A finding at a range of a file's bytes.
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

    /// Says how many findings of the last file were left out, and forgets them.
    fn tell_rest(&mut self) {
        let Last { path, found, code } = std::mem::take(&mut self.last);
        if let Some(code) = code {
            let message = format!("there are {} more findings in this file", found - MAX_AT_KEYS);
            self.path(code, &path, message, "fix the others first");
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

    /// What is asked of a version that enters a stage.
    pub fn gated(&mut self, gated: Gated) {
        self.report.gates.push(gated);
    }

    /// Adds what another sink took.
    pub fn merge(&mut self, mut other: Sink) {
        other.tell_rest();
        self.report.merge(other.report);
    }

    /// All that was found, in order.
    pub fn report(mut self) -> Report {
        self.tell_rest();
        self.report.sort();
        self.report
    }
}

impl From<Report> for Sink {
    fn from(report: Report) -> Self {
        Self { report, ..Self::default() }
    }
}
