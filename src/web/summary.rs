//! What pages say of the whole registry, made once for each commit and not for each page.

use super::charts::{moves_chart, spark_chart};
use super::site::View;
use crate::model::{Action, Timestamp};
use crate::ops::Catalog;

/// What pages say of the whole registry.
pub(super) struct Summary {
    /// The chart of all transitions and the period of a bar; none without transitions.
    pub moves: Option<(String, &'static str)>,
    /// How many transitions there were, and how many were rollbacks.
    pub transitions: usize,
    pub rollbacks: usize,
    /// How models and versions became so many; none where all came on one day.
    pub models: Option<String>,
    pub versions: Option<String>,
}

/// How much there is in a registry, and how much waits.
pub(super) struct Counts {
    /// Models and versions that are not deleted.
    pub models: usize,
    pub versions: usize,
    /// Requests that wait, and since when the oldest does.
    pub waiting: usize,
    pub oldest: Option<Timestamp>,
    /// Emergencies that await their approval.
    pub emergencies: usize,
}

impl Counts {
    pub fn of(view: &View) -> Self {
        let totals = view.catalog.totals();
        let requests = || view.requests.open.iter().map(|open| &open.request);
        Self {
            models: totals.models.sum(),
            versions: totals.versions.sum(),
            waiting: requests().filter(|request| !request.has_landed()).count(),
            oldest: requests().filter(|request| !request.has_landed()).map(|request| request.entry.at).min(),
            emergencies: requests().filter(|request| request.has_landed()).count(),
        }
    }
}

impl Summary {
    pub fn of(catalog: &Catalog) -> Self {
        let moves = || catalog.totals().moves.iter().map(|((day, action), count)| (*day, *action, count));
        let rollbacks = moves().filter(|(_, action, _)| *action == Action::Rollback);
        Self {
            transitions: catalog.totals().moves.sum(),
            rollbacks: rollbacks.map(|(.., count)| count).sum(),
            models: spark_chart("Models", catalog.totals().models.iter()),
            versions: spark_chart("Versions", catalog.totals().versions.iter()),
            moves: moves_chart(&moves().collect::<Vec<_>>()),
        }
    }
}
