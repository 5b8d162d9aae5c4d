//! Reading one file: its size, its bytes and its TOML. One run reports all errors of the file.

use std::ops::Range;
use std::sync::Arc;

use anyhow::Result;

use super::shape;
use super::sink::{Loaded, Sink, Source};
use crate::diag::codes::file::{BYTE_ORDER_MARK, CONFLICT_MARKERS, CRLF, FILE_TOO_LARGE, NOT_UTF8, TOML_SYNTAX};
use crate::model::files::{FileText, Listing, NotParsed, NotText, RegistryFile, is_plain_file};
use crate::model::{Entry, Files, Keep, MAX_FILE, Tree};

/// How the rules read a tree.
#[derive(Clone, Copy)]
pub(super) struct Reader<'f> {
    /// The files.
    pub files: &'f Files<'f>,
    /// Whether what is read is kept.
    pub keep: Keep,
}

impl<'f> Reader<'f> {
    /// The tree.
    pub fn tree(&self) -> &'f dyn Tree {
        self.files.tree
    }

    /// The entries of a folder.
    pub fn list(&self, folder: &Entry) -> Result<Listing> {
        self.files.list(folder, self.keep)
    }

    /// Reads a file as `T`. None where the file cannot be read as one; the reason is in the sink then.
    pub fn load<T: RegistryFile>(&self, entry: &Entry, sink: &mut Sink) -> Result<Option<Loaded<T>>> {
        sink.count_file();
        let parsed = match self.files.get::<T>(entry, self.keep)? {
            Ok(parsed) => parsed,
            Err(why) => {
                no_text(entry, &why, sink);
                return Ok(None);
            }
        };
        let source = Source { path: entry.path.clone(), text: parsed.text.clone() };
        check_text(&source, sink);
        match &parsed.value {
            Ok(value) => return Ok(Some(Loaded { value: value.clone(), source })),
            Err(NotParsed::TooDeep(at)) => {
                let hint = "nest tables, arrays and dotted keys at most 80 deep";
                sink.span(&TOML_SYNTAX, &source, *at..*at + 1, "the file is nested too deeply", hint);
            }
            Err(NotParsed::Toml(error)) => match conflict_marker(&source.text) {
                Some(line) => {
                    let message = "git could not join two versions of this file, and wrote both into it";
                    let hint = "`modelreg sync` joins both sides by what the files mean";
                    sink.span(&CONFLICT_MARKERS, &source, line, message, hint);
                }
                None => shape::explain(T::KIND, &source, error, sink),
            },
        }
        Ok(None)
    }

    /// Reads a file's text.
    pub fn text(&self, entry: &Entry, sink: &mut Sink) -> Result<Option<Source>> {
        sink.count_file();
        let text: FileText = self.files.text(entry, self.keep)?;
        match text {
            Ok(text) => {
                let source = Source { path: entry.path.clone(), text };
                check_text(&source, sink);
                Ok(Some(source))
            }
            Err(why) => {
                no_text(entry, &why, sink);
                Ok(None)
            }
        }
    }
}

/// A file that can be read as `T`; none otherwise, for the rules of that file say why.
pub(super) fn readable<T: RegistryFile>(files: &Files<'_>, entry: &Entry) -> Result<Option<Loaded<T>>> {
    if !is_plain_file(entry) {
        return Ok(None);
    }
    let Ok(parsed) = files.get::<T>(entry, Keep::File)? else { return Ok(None) };
    let value = parsed.value.as_ref().ok().map(Arc::clone);
    Ok(value.map(|value| Loaded { value, source: Source { path: entry.path.clone(), text: parsed.text.clone() } }))
}

fn no_text(entry: &Entry, why: &NotText, sink: &mut Sink) {
    match why {
        NotText::TooLarge(size) => {
            let message = format!("the file has {size} bytes; the maximum is {MAX_FILE}");
            let hint = "keep data beside the artifact, and record its address and digest";
            sink.path(&FILE_TOO_LARGE, &entry.path, message, hint);
        }
        NotText::NotUtf8(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("the file is not UTF-8: byte {at} is not the start of a character");
            sink.path(&NOT_UTF8, &entry.path, message, "save the file as UTF-8");
        }
    }
}

/// The line where git wrote the first of two versions of a file that it could not join (git-merge(1), "HOW CONFLICTS ARE
/// PRESENTED").
fn conflict_marker(text: &str) -> Option<Range<usize>> {
    let marker = |marker: &str| {
        let at = if text.starts_with(marker) { Some(0) } else { text.find(&format!("\n{marker}")).map(|at| at + 1) };
        at.map(|at| at..text[at..].find('\n').map_or(text.len(), |end| at + end))
    };
    marker("<<<<<<< ").filter(|_| marker("=======\n").is_some() && marker(">>>>>>> ").is_some())
}

/// Judges how a text begins and how its lines end.
fn check_text(source: &Source, sink: &mut Sink) {
    if source.text.starts_with('\u{feff}') {
        let message = "the file begins with a byte order mark";
        sink.span(&BYTE_ORDER_MARK, source, 0..3, message, "save the file as UTF-8 without it");
    }
    if let Some(at) = source.text.find("\r\n") {
        sink.span(&CRLF, source, at..at + 1, "the file has lines that end in CR LF", "save the file with LF line ends");
    }
}
