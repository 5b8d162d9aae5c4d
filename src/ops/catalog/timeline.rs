//! Everything that happened to any model, in order.

use std::cmp::Reverse;
use std::sync::Arc;

use super::happening::Happening;
use super::model::CatalogModel;
use crate::model::Timestamp;

/// An event's time, and its places: its model's among the models, and its own among that model's records. What has the same
/// time is in the order of the models and of each model's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: Reverse<Timestamp>,
    model: u32,
    record: u32,
}

/// Events of all models, newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline(Vec<Place>);

impl Timeline {
    /// The timeline of other models: `now` says where each of the former ones is now, none for one that is gone or was read
    /// again, and `read` which were read; of those the events that are wanted are added.
    pub fn next(
        &self,
        models: &[Arc<CatalogModel>],
        now: &[Option<u32>],
        read: &[u32],
        wanted: impl Fn(Happening<'_>) -> bool,
    ) -> Self {
        let present = |place: &Place| Some(Place { model: now.get(place.model as usize).copied()??, ..*place });
        let mut places: Vec<Place> = self.0.iter().filter_map(present).collect();
        for &model in read {
            let happenings = models.get(model as usize).into_iter().flat_map(|model| model.happenings());
            let places_of = happenings.zip(0..).filter(|(happening, _)| wanted(*happening));
            places.extend(places_of.map(|(happening, record)| Place { at: Reverse(happening.at()), model, record }));
        }
        // The kept ones are in order already, so that the sort only merges what is new.
        places.sort();
        places.shrink_to_fit();
        Self(places)
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The events.
    pub fn iter<'c>(&self, models: &'c [Arc<CatalogModel>]) -> impl DoubleEndedIterator<Item = Happening<'c>> {
        self.0.iter().filter_map(move |place| {
            let model: &'c CatalogModel = models.get(place.model as usize)?;
            Some(Happening { model, record: model.records.get(place.record as usize)? })
        })
    }
}
