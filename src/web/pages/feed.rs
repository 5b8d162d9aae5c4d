//! The activity as an Atom feed (RFC 4287).

use anyhow::Result;
use askama::Template;

use super::event::sentence;
use super::{Answer, Asked};
use crate::model::{ModelName, Timestamp};
use crate::ops::{CatalogEvent, Event};
use crate::web::route::{Links, encoded};

/// The maximum of entries, the newest.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "feed.xml", config = "src/web/askama.toml")]
struct Feed {
    title: String,
    id: String,
    home: String,
    own: String,
    updated: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    link: String,
    by: String,
    updated: String,
    text: String,
    /// The address of the pull request.
    request: Option<String>,
}

/// The feed of a registry, or of one model.
pub(super) fn feed(asked: &Asked<'_>, model: Option<&ModelName>) -> Result<Answer> {
    let catalog = &*asked.view.catalog;
    let registry = catalog.registry.name.as_str();
    let known = match model {
        Some(name) => match catalog.model(name.as_str()) {
            Some(known) => Some(known),
            None => return Ok(Answer::Missing(format!("No model is named `{name}` at this commit."))),
        },
        None => None,
    };
    let links = match &asked.site.url {
        Some(url) => Links::below(url, false),
        // Relative to the feed's own address, as RFC 4287 and RFC 3986, 5.1.3, allow. The host name in a request cannot
        // be trusted.
        None => asked.links(),
    };
    let mut open = super::activity::asked_for(asked);
    open.retain(|event| known.is_none_or(|known| known.listed.name == event.model));
    let mut events: Vec<Event> = match known {
        Some(known) => known.events().take(MOST).map(CatalogEvent::event).collect(),
        None => catalog.activity().take(MOST).map(CatalogEvent::event).collect(),
    };
    events.extend(open);
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events.truncate(MOST);
    let entry = |event: &Event| Entry {
        id: id(registry, event),
        title: sentence(event),
        link: match &event.version {
            Some(version) => links.version(&event.model, version),
            None => links.model(&event.model),
        },
        by: event.by.to_string(),
        updated: event.at.rfc3339(),
        text: event.text.clone().unwrap_or_default(),
        request: event.request.clone(),
    };
    let title = known.map_or(registry.to_owned(), |known| format!("{} in {registry}", known.listed.name));
    let home = known.map_or_else(|| links.overview(), |known| links.model(&known.listed.name));
    // A feed without entries needs a time too.
    let never = || "1970-01-01T00:00:00.000Z".to_owned();
    let of = known.map_or(String::new(), |known| format!(":{}", encoded(&known.listed.name)));
    let feed = Feed {
        title: format!("Activity of {title}"),
        id: format!("urn:modelreg:{}{of}", encoded(registry)),
        home,
        own: match asked.site.url {
            Some(_) => links.to(asked.route),
            None => asked.route.parts().last().cloned().unwrap_or_default(),
        },
        updated: events.first().map_or_else(never, |event| event.at.rfc3339()),
        entries: events.iter().map(entry).collect(),
    };
    Ok(Answer::Feed(feed.render()?))
}

/// An entry's id, which never changes. It contains the action, because an approval can have the same time as its move.
fn id(registry: &str, event: &Event) -> String {
    let part = |part: &str| encoded(part);
    let at: &Timestamp = &event.at;
    format!(
        "urn:modelreg:{}:{}:{}:{}:{}:{}:{}",
        part(registry),
        part(&event.model),
        part(event.action.as_str()),
        event.version.unwrap_or(0),
        part(event.stage.as_deref().unwrap_or("-")),
        part(&at.rfc3339()),
        part(event.by.as_str())
    )
}
