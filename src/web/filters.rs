//! Filters of the search field, and what they found.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::sync::Semaphore;

use crate::model::{Filter, FilterError};
use crate::ops::{Catalog, Matches, Session};

/// How many answers are kept, the newest, each with the commit that it is of.
const KEPT: usize = 8;
/// How many filters may wait to be answered: each reads every model.
const WAITING: usize = 3;

/// What the text of a search is.
pub(super) enum Search {
    /// Words that a model has.
    Words,
    /// A filter, as `modelreg search` takes it.
    Filter(Filter),
    /// What was meant as one and is none.
    Wrong(FilterError),
}

impl Search {
    /// A text that compares something is a filter, any other one is words.
    pub fn of(text: &str) -> Self {
        match Filter::parse(text) {
            Ok(filter) if filter.fields().is_empty() => Self::Words,
            Ok(filter) => Self::Filter(filter),
            Err(error) if text.contains(['=', '<', '>']) => Self::Wrong(error),
            Err(_) => Self::Words,
        }
    }
}

/// Answers filters, and keeps the answers for the next page, order and commit.
pub(super) struct Filters {
    waiting: Semaphore,
    kept: Mutex<VecDeque<Answered>>,
}

struct Answered {
    /// The filter in its canonical form.
    filter: String,
    commit: Option<String>,
    matches: Arc<Matches>,
}

impl Default for Filters {
    fn default() -> Self {
        Self { waiting: Semaphore::new(WAITING), kept: Mutex::default() }
    }
}

impl Filters {
    /// What a filter finds; none where too many others are being answered.
    pub fn matches(&self, session: &Session, catalog: &Catalog, filter: &Filter) -> Result<Option<Arc<Matches>>> {
        let Ok(_slot) = self.waiting.try_acquire() else { return Ok(None) };
        // One after the other, for one alone uses all processors.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = filter.to_string();
        let before = kept.iter().position(|answered| answered.filter == text).and_then(|at| kept.remove(at));
        let before = before.as_ref();
        let matches = match before.filter(|before| before.commit == catalog.commit_id) {
            Some(same) => Arc::clone(&same.matches),
            None => Arc::new(Matches::of(session, catalog, filter, before.map(|before| &*before.matches))?),
        };
        kept.truncate(KEPT - 1);
        kept.push_front(Answered { filter: text, commit: catalog.commit_id.clone(), matches: Arc::clone(&matches) });
        Ok(Some(matches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compares_is_a_filter_and_all_else_is_words() {
        for text in ["metrics.accuracy > 0.9", "stage='Production'", "name LIKE 'a%'", "tags.team IS NULL"] {
            assert!(matches!(Search::of(text), Search::Filter(_)), "{text}");
        }
        for text in ["", "iris", "in production", "name", "a is null", "like 'x'", "\"quoted\"", "not bad"] {
            assert!(matches!(Search::of(text), Search::Words), "{text}");
        }
        for text in
            ["verion > 3", "metrics.accuracy >", "stage = 'Prod", "a >= b = c", &"(".repeat(500).replace("((", "(=(")]
        {
            assert!(matches!(Search::of(text), Search::Wrong(_)), "{text}");
        }
    }
}
