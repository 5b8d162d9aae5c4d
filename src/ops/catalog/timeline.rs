//! The events of all models, in order.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use super::event::CatalogEvent;
use super::model::CatalogModel;
use crate::model::Timestamp;

/// An event's time, the place of its model among the models, and its place among the model's records. Events with the
/// same time are in the order of the models and of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: Reverse<Timestamp>,
    model: u32,
    record: u32,
}

/// Merges new items into a sorted list. Apart from copying, the cost grows only with the number of new items.
pub(super) fn merged<T>(kept: Vec<T>, mut more: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    more.sort_by(&order);
    let mut all = Vec::with_capacity(kept.len() + more.len());
    let mut kept = kept.into_iter();
    for one in more {
        let before = kept.as_slice().partition_point(|other| order(other, &one).is_lt());
        all.extend(kept.by_ref().take(before));
        all.push(one);
    }
    all.extend(kept);
    all
}

/// Events of all models, newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline(Vec<Place>);

impl Timeline {
    /// The timeline of the next commit's models. `now` has the new place of each earlier model; none if the model was
    /// removed or read again. `read` has the places of the models that were read; their wanted events are added.
    pub fn next(
        &self,
        models: &[Arc<CatalogModel>],
        now: &[Option<u32>],
        read: &[u32],
        wanted: impl Fn(CatalogEvent<'_>) -> bool,
    ) -> Self {
        let present = |place: &Place| Some(Place { model: now.get(place.model as usize).copied()??, ..*place });
        let kept: Vec<Place> = self.0.iter().filter_map(present).collect();
        let mut places = Vec::new();
        for &model in read {
            let events = models.get(model as usize).into_iter().flat_map(|model| model.events());
            let places_of = events.zip(0..).filter(|(event, _)| wanted(*event));
            places.extend(places_of.map(|(event, record)| Place { at: Reverse(event.at()), model, record }));
        }
        Self(merged(kept, places, Place::cmp))
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The events.
    pub fn iter<'c>(&self, models: &'c [Arc<CatalogModel>]) -> impl DoubleEndedIterator<Item = CatalogEvent<'c>> {
        self.0.iter().filter_map(move |place| {
            let model: &'c CatalogModel = models.get(place.model as usize)?;
            Some(CatalogEvent { model, record: model.records.get(place.record as usize)? })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_items_are_merged_in_order() {
        for (kept, more, all) in [
            (vec![1, 3, 5], vec![6, 0, 4], vec![0, 1, 3, 4, 5, 6]),
            (vec![], vec![2, 1], vec![1, 2]),
            (vec![1, 2], vec![], vec![1, 2]),
            (vec![2, 2], vec![2, 1, 3], vec![1, 2, 2, 2, 3]),
        ] {
            assert_eq!(merged(kept, more, i32::cmp), all);
        }
    }
}
