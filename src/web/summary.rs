//! The numbers and charts of the whole registry, which are made once for each commit.

use super::charts::{moves_chart, spark_chart};
use super::site::View;
use crate::model::{Action, Timestamp};
use crate::ops::Catalog;

/// The charts of the whole registry, with their numbers.
pub(super) struct Summary {
    /// The chart of all transitions and the period of a bar; none without transitions.
    pub moves: Option<(String, &'static str)>,
    /// The numbers of all transitions and of rollbacks.
    pub transitions: usize,
    pub rollbacks: usize,
    /// The charts of the numbers of models and versions over time; none if all were added on one day.
    pub models: Option<String>,
    pub versions: Option<String>,
}

/// The numbers of a registry.
pub(super) struct Counts {
    /// Models and versions that are not deleted.
    pub models: usize,
    pub versions: usize,
    /// The open requests, and the time of the oldest.
    pub waiting: usize,
    pub oldest: Option<Timestamp>,
    /// The landed emergencies that await approval.
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
