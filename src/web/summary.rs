//! What pages say of the whole registry, made once for each commit and not for each page.

use super::charts::{moves_chart, spark_chart};
use crate::model::Action;
use crate::ops::Catalog;

/// What pages say of the whole registry.
pub(super) struct Summary {
    /// The chart of all transitions and what a bar of it stands for; none where nothing has moved.
    pub moves: Option<(String, &'static str)>,
    /// How many transitions there were, and how many were rollbacks.
    pub transitions: usize,
    pub rollbacks: usize,
    /// How models and versions became so many; none where all came on one day.
    pub models: Option<String>,
    pub versions: Option<String>,
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
