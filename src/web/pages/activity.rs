//! The page of all events, newest first.

use anyhow::Result;
use askama::Template;

use super::event::{EventLine, KINDS};
use super::frame::Frame;
use super::pager::Pages;
use super::{Answer, Asked, html};
use crate::model::{Timestamp, UserId};
use crate::ops::{CatalogEvent, Event, EventKind, Request};
use crate::web::site::View;

/// The number of events on a page. A static page lists more.
const EACH: usize = 50;
const EACH_OF_FILES: usize = 500;

#[derive(Template)]
#[template(path = "activity.html", config = "src/web/askama.toml")]
struct Page<'a> {
    frame: Frame,
    filter: Filter<'a>,
    kinds: [(EventKind, &'static str); KINDS.len()],
    people: Vec<&'a str>,
    days: Vec<Day<'a>>,
    pages: Pages,
}

/// The filter's fields as typed.
struct Filter<'a> {
    kind: &'a str,
    by: &'a str,
    model: &'a str,
    /// Dates.
    since: &'a str,
    until: &'a str,
}

/// The events of a day.
struct Day<'a> {
    day: String,
    events: Vec<EventLine<'a>>,
}

/// An event of the catalog, or an open request as an event. An open request is on its own branch, so the catalog does
/// not have it.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Kept(CatalogEvent<'a>),
    Open(&'a Event),
}

impl Shown<'_> {
    fn event(self) -> Event {
        match self {
            Self::Kept(event) => event.event(),
            Self::Open(event) => event.clone(),
        }
    }
}

/// The open requests as events.
pub(super) fn asked_for(asked: &Asked<'_>) -> Vec<Event> {
    let event = |request: &Request| {
        let (id, entry) = (&request.id, &request.entry);
        Event {
            version: Some(id.version),
            stage: Some(id.stage.to_string()),
            from: entry.from,
            text: entry.reason.as_ref().map(ToString::to_string),
            request: entry.request.as_ref().map(ToString::to_string),
            ..Event::new(EventKind::Request, entry.at, &entry.by, id.model.as_str())
        }
    };
    let mut events: Vec<Event> = open(asked.view).map(event).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

/// The number of static pages for all events.
pub(super) fn pages_of_files(view: &View) -> usize {
    (view.catalog.event_count() + open(view).count()).div_ceil(EACH_OF_FILES).max(1)
}

/// The open requests.
fn open(view: &View) -> impl Iterator<Item = &Request> {
    view.requests.open.iter().map(|open| &open.request).filter(|request| !request.has_landed())
}

pub(super) fn page(asked: &Asked<'_>) -> Result<Answer> {
    let (catalog, query) = (&*asked.view.catalog, asked.query);
    let filter = Filter {
        kind: query.get("kind"),
        by: query.get("by"),
        model: query.get("model"),
        since: query.get("since"),
        until: query.get("until"),
    };
    let wanted = filter.wanted();
    let mut open = asked_for(asked);
    open.retain(|event| {
        wanted.takes(event.action, &event.by, event.at, |text| event.model.to_lowercase().contains(text))
    });
    let takes = |kept: &CatalogEvent<'_>| {
        wanted.takes(kept.kind(), kept.by(), kept.at(), |text| kept.model().is_called_like(text))
    };
    // Without a filter, the catalog knows the count.
    let kept = if filter.is_empty() { catalog.event_count() } else { catalog.activity().filter(takes).count() };
    let each = if asked.files { EACH_OF_FILES } else { EACH };
    let pages = Pages::of(asked, kept + open.len(), each);
    let shown = newest_first(catalog.activity().filter(takes), &open).skip(pages.skip).take(each);
    let events: Vec<Event> = shown.map(Shown::event).collect();
    let mut days: Vec<Day<'_>> = Vec::new();
    for event in &events {
        let day = event.at.utc().format("%A, %-d %B %Y").to_string();
        if days.last().is_none_or(|last| last.day != day) {
            days.push(Day { day, events: Vec::new() });
        }
        if let Some(last) = days.last_mut() {
            last.events.push(EventLine::of(event, &catalog.registry));
        }
    }
    html(&Page {
        frame: Frame::new(asked, "Activity", "activity"),
        kinds: KINDS,
        people: catalog.totals().people.keys().map(|person| person.as_str()).collect(),
        days,
        filter,
        pages,
    })
}

/// Merges two lists that are sorted newest first.
fn newest_first<'a>(
    kept: impl Iterator<Item = CatalogEvent<'a>>,
    open: &'a [Event],
) -> impl Iterator<Item = Shown<'a>> {
    let (mut kept, mut open) = (kept.peekable(), open.iter().peekable());
    std::iter::from_fn(move || {
        let next = kept.next_if(|kept| open.peek().is_none_or(|open| kept.at() >= open.at)).map(Shown::Kept);
        next.or_else(|| open.next().map(Shown::Open))
    })
}

impl<'a> Filter<'a> {
    fn is_empty(&self) -> bool {
        [self.kind, self.by, self.model, self.since, self.until].iter().all(|field| field.is_empty())
    }

    /// Parses the fields.
    fn wanted(&self) -> Wanted<'a> {
        let until = Timestamp::parse(self.until).ok();
        Wanted {
            kind: self.kind,
            by: self.by,
            model: self.model.to_lowercase(),
            since: Timestamp::parse(self.since).ok(),
            // `until` includes the whole day.
            until: until.map(|until| if self.until.len() == 10 { until.next_day() } else { until }),
        }
    }
}

/// The parsed filter.
struct Wanted<'a> {
    kind: &'a str,
    by: &'a str,
    /// In lower case.
    model: String,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted<'_> {
    /// Whether the filter matches an event; `is_called_like` says whether the model's name contains a text.
    fn takes(&self, kind: EventKind, by: &UserId, at: Timestamp, is_called_like: impl FnOnce(&str) -> bool) -> bool {
        (self.kind.is_empty() || kind.as_str() == self.kind)
            && (self.by.is_empty() || by.as_str() == self.by)
            && self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
            && (self.model.is_empty() || is_called_like(&self.model))
    }
}
