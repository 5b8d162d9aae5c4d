//! The changes that forms can request.

use anyhow::Result;

use super::outcome::Outcome;
use crate::model::{Invalid, Key, ModelName, RequestId, Selector, Text};
use crate::ops::{
    Precondition, Promote, Refusal, Rollback, Session, TagChange, Target, approve, comment, describe, land, promote,
    reject, rollback, tag,
};
use crate::web::query::Query;
use crate::web::route::Route;

/// The change that a form requests.
#[derive(Debug)]
pub(super) enum Act {
    Promote(Promote),
    Rollback(Rollback),
    Approve(RequestId, Option<Text>),
    Reject(RequestId, Option<Text>),
    Land(RequestId),
    Comment(ModelName, u64, Text),
    Describe(Target, Option<Text>),
    Tag(Target, TagChange),
}

impl Act {
    /// Reads a form of a page. The model and version are those of the page; the form cannot name others.
    pub fn of(route: &Route, form: &Query) -> Result<Self, Refusal> {
        let target = |model: &ModelName, version: Option<u64>| Target {
            model: model.clone(),
            selector: version.map(Selector::Version),
        };
        Ok(match (route, form.get("do")) {
            (Route::Model(model), "rollback") => Self::Rollback(Rollback {
                model: model.clone(),
                stage: Some(form.get("stage").to_owned()),
                // The version that the page showed, even if the stage has moved since.
                to: Some(form.get("to").parse().map_err(|_| unknown())?),
                // What the page showed is the precondition.
                from: None,
                reason: needed(form, "reason", "enter the reason for the rollback")?,
                emergency: is_ticked(form, "emergency"),
            }),
            (Route::Model(model), "describe") => Self::Describe(target(model, None), text(form, "text")?),
            (Route::Model(model), "tag") => Self::Tag(target(model, None), tags(form)?),
            (Route::Version(model, version), "promote") => Self::Promote(Promote {
                model: model.clone(),
                version: *version,
                stage: form.get("stage").to_owned(),
                from: None,
                reason: text(form, "reason")?,
                keep_existing: is_ticked(form, "keep"),
                request: is_ticked(form, "request"),
                again: is_ticked(form, "again"),
            }),
            (Route::Version(model, version), "describe") => {
                Self::Describe(target(model, Some(*version)), text(form, "text")?)
            }
            (Route::Version(model, version), "tag") => Self::Tag(target(model, Some(*version)), tags(form)?),
            (Route::Version(model, version), "comment") => {
                Self::Comment(model.clone(), *version, needed(form, "text", "enter the comment")?)
            }
            (Route::Requests, "approve") => Self::Approve(form.get("id").parse()?, text(form, "comment")?),
            (Route::Requests, "reject") => Self::Reject(form.get("id").parse()?, text(form, "reason")?),
            (Route::Requests, "land") => Self::Land(form.get("id").parse()?),
            _ => return Err(unknown()),
        })
    }

    /// The changed model.
    pub fn model(&self) -> &ModelName {
        match self {
            Self::Promote(Promote { model, .. })
            | Self::Rollback(Rollback { model, .. })
            | Self::Comment(model, ..)
            | Self::Describe(Target { model, .. }, _)
            | Self::Tag(Target { model, .. }, _)
            | Self::Approve(RequestId { model, .. }, _)
            | Self::Reject(RequestId { model, .. }, _)
            | Self::Land(RequestId { model, .. }) => model,
        }
    }

    /// Makes the change, if the precondition holds.
    pub fn perform(&self, session: &Session, on: &Precondition) -> Result<Outcome> {
        Ok(match self {
            Self::Promote(ask) => Outcome::of(promote(session, ask, on)?.into_summary()),
            Self::Rollback(ask) => Outcome::of(rollback(session, ask, on)?.into_summary()),
            Self::Approve(id, comment) => Outcome::of(approve(session, id, comment.as_ref(), on)?.into_summary()),
            Self::Reject(id, reason) => Outcome::of(reject(session, id, reason.as_ref(), on)?.into_summary()),
            Self::Land(id) => Outcome::of(land(session, id, false, on)?.into_summary()),
            Self::Comment(model, version, text) => {
                Outcome::of(comment(session, model, *version, text)?.into_commit_summary())
            }
            Self::Describe(target, text) => {
                Outcome::of(describe(session, target, text.as_ref(), on)?.into_commit_summary())
            }
            Self::Tag(target, change) => Outcome::of(tag(session, target, change, on)?.into_commit_summary()),
        })
    }
}

fn unknown() -> Refusal {
    Refusal::new("the page does not have this form", "reload the page")
}

fn is_ticked(form: &Query, field: &str) -> bool {
    form.get(field) == "yes"
}

/// A text field, with the browser's CRLF line ends replaced by newlines; none if empty.
fn text(form: &Query, field: &str) -> Result<Option<Text>, Invalid> {
    let typed = form.raw(field).replace("\r\n", "\n");
    // Leading spaces have a meaning in Markdown.
    let typed = typed.trim_end().trim_start_matches('\n');
    if typed.trim().is_empty() { Ok(None) } else { Text::new(typed).map(Some) }
}

fn needed(form: &Query, field: &str, hint: &str) -> Result<Text, Refusal> {
    text(form, field)?.ok_or_else(|| Refusal::new(format!("the field `{field}` is empty"), hint))
}

/// One tag to set, or one to remove.
fn tags(form: &Query) -> Result<TagChange, Refusal> {
    let remove = form.get("remove");
    if !remove.is_empty() {
        return Ok(TagChange { set: Vec::new(), remove: vec![Key::new(remove)?] });
    }
    let set = (Key::new(form.get("key"))?, needed(form, "value", "enter the tag's value")?);
    Ok(TagChange { set: vec![set], remove: Vec::new() })
}
