//! Printing. Colours go to terminals only; what a terminal would obey never comes from a registry's text.
//!
//! A failing standard output does not undo a commit: a command that has changed the registry ends well all the same. A
//! query whose answer could not be delivered fails, except where the reader simply closed the pipe, as `head` does.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use super::table::line;
use super::{Status, error};
use crate::ops::Receipt;

/// Emphasis.
pub(super) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(super) const DIM: Style = Style::new().dimmed();
/// What went well.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What needs a look.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// What went wrong.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What to do next.
pub(super) const HINT: Style = AnsiColor::Cyan.on_default();

/// Text in a style; no text takes none, so that what is blank stays blank.
pub(super) fn styled(style: Style, text: impl Display) -> String {
    let text = text.to_string();
    if text.is_empty() { text } else { format!("{style}{text}{style:#}") }
}

/// Where a command prints.
pub(super) struct Output {
    failed: Option<io::Error>,
    committed: Option<Receipt>,
    /// The registry's folder, where the user named another one than the current.
    pub folder: Option<PathBuf>,
}

impl Output {
    pub fn new() -> Self {
        Self { failed: None, committed: None, folder: None }
    }

    /// Says which folder the commands are for that a user is told to run.
    pub fn folder(&mut self, dir: &Path) {
        self.folder = (dir != Path::new(".")).then(|| dir.to_owned());
    }

    /// Says that the registry was changed: from here on, printing can no longer make the command fail.
    /// The receipt is acknowledged when all is printed.
    pub fn committed(&mut self, receipt: Receipt) {
        self.committed = Some(receipt);
    }

    /// Prints text as it is, to standard output.
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

    /// Shows at once what was printed.
    pub fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = anstream::stdout().lock().flush().err();
        }
    }

    /// Prints a value as JSON.
    pub fn json(&mut self, value: &impl serde::Serialize) -> anyhow::Result<()> {
        // GitHub's runner obeys `##[` anywhere in a line. It can only stand in a string, where an escape is the same text.
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

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// Flushes, acknowledges what was committed, and gives the exit status.
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
                    "remove that file".to_owned(),
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
