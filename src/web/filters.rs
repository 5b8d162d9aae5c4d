//! The filters of the search field, and a cache of their results.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::sync::Semaphore;

use crate::model::{Filter, FilterError};
use crate::ops::{Catalog, Matches, Session};

/// The number of cached results, each for one commit.
const KEPT: usize = 8;
/// The maximum number of waiting filters. Each filter reads every model.
const WAITING: usize = 3;

/// The kind of a search text.
pub(super) enum Search {
    /// Words of a model.
    Words,
    /// A filter, as in `modelreg search`.
    Filter(Filter),
    /// An invalid filter.
    Wrong(FilterError),
}

impl Search {
    /// A text with a comparison is a filter; other texts are words.
    pub fn of(text: &str) -> Self {
        match Filter::parse(text) {
            Ok(filter) if filter.fields().is_empty() => Self::Words,
            Ok(filter) => Self::Filter(filter),
            Err(error) if text.contains(['=', '<', '>']) => Self::Wrong(error),
            Err(_) => Self::Words,
        }
    }
}

/// Evaluates filters, with a cache of results for the next page or order.
pub(super) struct Filters {
    waiting: Semaphore,
    kept: Mutex<VecDeque<Answered>>,
}

struct Answered {
    /// The canonical text of the filter.
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
    /// The result of a filter; none if too many filters are waiting.
    pub fn matches(&self, session: &Session, catalog: &Catalog, filter: &Filter) -> Result<Option<Arc<Matches>>> {
        let Ok(_slot) = self.waiting.try_acquire() else { return Ok(None) };
        // One filter at a time, because each uses all processors.
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
    fn a_text_with_a_comparison_is_a_filter() {
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
