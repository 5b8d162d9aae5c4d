//! Printing. Colours are only for terminals; text from a registry is printed without terminal control sequences.
//!
//! A command that has changed the registry succeeds even if printing fails, because the commit stays. A query whose
//! answer cannot be printed fails, unless the reader closed the pipe, like `head`.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use super::table::line;
use super::{Status, error};
use crate::model::Unreadable;
use crate::ops::Receipt;

/// Emphasis.
pub(super) const BOLD: Style = Style::new().bold();
/// Less important text.
pub(super) const DIM: Style = Style::new().dimmed();
/// Success.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Warnings.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// Errors.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Hints and suggested commands.
pub(super) const HINT: Style = AnsiColor::Cyan.on_default();

/// Text in a style. Empty text stays empty.
pub(super) fn styled(style: Style, text: impl Display) -> String {
    let text = text.to_string();
    if text.is_empty() { text } else { format!("{style}{text}{style:#}") }
}

/// The maximum number of unreadable files that are named.
const LEFT_OUT: usize = 20;

/// The hint for unreadable files of models.
pub(super) const LIST_ERRORS: &str = "`modelreg validate` lists all errors in the files";

/// The output of a command.
pub(super) struct Output {
    failed: Option<io::Error>,
    committed: Option<Receipt>,
    /// The folder of `-C`, if it is not the current one.
    pub folder: Option<PathBuf>,
}

impl Output {
    pub fn new() -> Self {
        Self { failed: None, committed: None, folder: None }
    }

    /// Sets the folder for the suggested commands.
    pub fn folder(&mut self, dir: &Path) {
        self.folder = (dir != Path::new(".")).then(|| dir.to_owned());
    }

    /// Records that the registry was changed: from here on, a failed print does not make the command fail. The receipt
    /// is acknowledged at the end.
    pub fn committed(&mut self, receipt: Receipt) {
        self.committed = Some(receipt);
    }

    /// Prints text to standard output.
    pub fn text(&mut self, text: &str) {
        if self.failed.is_none()
            && let Err(error) = anstream::stdout().lock().write_all(text.as_bytes())
        {
            self.failed = Some(error);
        }
    }

    /// Prints a line to standard output.
    pub fn line(&mut self, text: impl Display) {
        self.text(&format!("{text}\n"));
    }

    /// Flushes standard output.
    pub fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = anstream::stdout().lock().flush().err();
        }
    }

    /// Prints a value as JSON.
    pub fn json(&mut self, value: &impl serde::Serialize) -> anyhow::Result<()> {
        // GitHub's runner obeys `##[` anywhere in a line. In JSON `##[` is always in a string, where an escape means
        // the same.
        let json = serde_json::to_string_pretty(value)?.replace("##[", "#\\u0023[");
        self.text(&format!("{json}\n"));
        Ok(())
    }

    /// Prints a note for people, to standard error.
    pub fn note(&mut self, text: impl Display) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    /// Prints a warning and its hint, each on one line.
    pub fn warn(&mut self, text: &str, hint: Option<&str>) {
        self.note(format!("{}: {}", styled(WARN, "warning"), line(text)));
        if let Some(hint) = hint {
            self.note(format!("  {}: {}", styled(HINT, "hint"), line(hint)));
        }
    }

    /// Says, after the answer, which files could not be read and left something out. Returns the exit status.
    pub fn left_out(&mut self, unreadable: &[Unreadable], hint: &str) -> Status {
        if unreadable.is_empty() {
            return Status::Done;
        }
        self.flush();
        for why in unreadable.iter().take(LEFT_OUT) {
            self.warn(&format!("left out: {why}"), None);
        }
        if let Some(more) = unreadable.len().checked_sub(LEFT_OUT).filter(|more| *more > 0) {
            self.warn(&format!("left out: {more} more"), None);
        }
        self.note(format!("  {}: {hint}", styled(HINT, "hint")));
        Status::Findings
    }

    /// Whether standard output has failed, for example because the pipe is closed.
    pub fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// Flushes, acknowledges the commit, and returns the exit status.
    pub fn finish(mut self, status: Status) -> u8 {
        self.flush();
        let asked_for = match status {
            Status::Done => 0,
            Status::Findings => error::REFUSED,
        };
        let committed = self.committed.is_some();
        if let Some(Err(error)) = self.committed.take().map(Receipt::acknowledge) {
            let (text, hint) = match error.hint() {
                Some(hint) => (format!("the request's branch could not be removed: {error}"), hint),
                None => (
                    format!("the next run of the same command could be taken for a retry of this run: {error}"),
                    "remove the file that the warning names".to_owned(),
                ),
            };
            self.warn(&text, Some(&hint));
        }
        match self.failed.take() {
            Some(error) if !committed && error.kind() != ErrorKind::BrokenPipe => {
                self.note(format!("{}: the answer could not be printed: {error}", styled(BAD, "error")));
                error::USAGE
            }
            _ => asked_for,
        }
    }
}
