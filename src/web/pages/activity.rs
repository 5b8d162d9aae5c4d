//! Everything that happened, newest first.

use anyhow::Result;
use askama::Template;

use super::event::{EventLine, KINDS};
use super::frame::Frame;
use super::pager::Pages;
use super::{Answer, Asked, html};
use crate::model::Timestamp;
use crate::ops::Event;

/// How many events a page lists; one of files lists more.
const EACH: usize = 50;
const EACH_OF_FILES: usize = 500;

#[derive(Template)]
#[template(path = "activity.html", config = "src/web/askama.toml")]
struct Page<'a> {
    frame: Frame,
    filter: Filter<'a>,
    kinds: [(&'static str, &'static str); 8],
    people: Vec<&'a str>,
    days: Vec<Day<'a>>,
    pages: Pages,
}

/// Which events are asked for.
struct Filter<'a> {
    kind: &'a str,
    by: &'a str,
    model: &'a str,
    /// Dates as they were typed.
    since: &'a str,
    until: &'a str,
}

/// What happened on a day.
struct Day<'a> {
    day: String,
    events: Vec<EventLine<'a>>,
}

/// An open request as something that happened: it is on a branch of its own, and in no file of the registry yet.
pub(super) fn asked_for(asked: &Asked<'_>) -> Vec<Event> {
    let open = asked.view.reviews.open.iter().map(|review| &review.request).filter(|request| !request.landed);
    let event = |request: &crate::ops::Request| Event {
        at: request.entry.at,
        by: request.entry.by.clone(),
        model: request.id.model.to_string(),
        action: "request".into(),
        version: Some(request.id.version),
        stage: Some(request.id.stage.to_string()),
        from: request.entry.from,
        text: request.entry.reason.as_ref().map(ToString::to_string),
        emergency: false,
        approved_by: Vec::new(),
    };
    open.map(event).collect()
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
    let open = asked_for(asked);
    let taken = filter.taken();
    let mut events: Vec<&Event> = catalog.activity().chain(&open).filter(|event| taken(event)).collect();
    if !open.is_empty() {
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
    }
    let each = if asked.files { EACH_OF_FILES } else { EACH };
    let pages = Pages::of(asked, events.len(), each);
    let mut days: Vec<Day<'_>> = Vec::new();
    for event in events.iter().skip(pages.skip).take(each) {
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
        people: asked.view.summary().people.iter().map(String::as_str).collect(),

        days,
        filter,
        pages,
    })
}

impl<'a> Filter<'a> {
    /// What says whether an event is one of those asked for. What was typed is read once.
    fn taken(&self) -> impl Fn(&Event) -> bool + use<'a> {
        let (kind, by) = (self.kind, self.by);
        let since = Timestamp::parse(self.since).ok();
        let until = Timestamp::parse(self.until).ok();
        let until = until.map(|until| if self.until.len() == 10 { until.next_day() } else { until });
        let model = self.model.to_lowercase();
        move |event| {
            (kind.is_empty() || event.action == kind)
                && (by.is_empty() || event.by.as_str() == by)
                && (model.is_empty() || event.model.to_lowercase().contains(&model))
                && since.is_none_or(|since| event.at >= since)
                && until.is_none_or(|until| event.at < until)
        }
    }
}
