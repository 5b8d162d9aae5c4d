//! The result of a change, as the page shows it.

use super::Notice;
use crate::ops::{Receipt, Summary};

/// The result of a change, as the page shows it.
#[derive(Debug)]
pub(in crate::web) struct Outcome(Summary);

impl Outcome {
    /// Acknowledges the receipt, because the response with the result follows.
    pub(super) fn of<T>((mut summary, _, receipt): (Summary, T, Receipt)) -> Self {
        if let Err(error) = receipt.acknowledge() {
            summary.warn(error.to_string(), None);
        }
        Self(summary)
    }

    /// The notice above the page; `again` if the form was sent a second time.
    pub fn notice(&self, again: bool) -> Notice {
        // The next commands are omitted, because the page has buttons for them.
        let Summary { earlier, lines, warnings, push, .. } = &self.0;
        let mut shown = vec![format!("Commit {}.", self.0.place())];
        if *earlier {
            shown.push("An earlier attempt had made the commit; this one added nothing.".into());
        }
        shown.extend(lines.iter().map(|line| sentence(line)));
        let clone = "To push it, run this in the clone that the server changes";
        shown.extend(push.iter().map(|command| format!("{clone}: {command}")));
        if again {
            shown.push("The form was sent twice; the change was made once.".to_owned());
        }
        shown.extend(warnings.iter().map(|warning| match &warning.hint {
            Some(hint) => sentence(&format!("{}; {hint}", warning.text)),
            None => sentence(&warning.text),
        }));
        let class = if warnings.is_empty() { "good" } else { "warn" };
        Notice { class, title: self.0.title(), lines: shown }
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
