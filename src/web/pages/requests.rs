//! The page of requests: open requests with their missing approvals and checks, and decisions.

use anyhow::Result;
use askama::Template;

use super::frame::Frame;
use super::{Answer, Asked, html};
use crate::diag::codes::change::{GATE_NOT_MET, REQUIREMENT_NOT_MET};
use crate::diag::{Finding, Severity};
use crate::model::metric_goal::goal_of;
use crate::model::{Action, Goal, Move, Number, Registry, Review as Wanted, Timestamp, Unreadable, UserId};
use crate::ops::{CatalogRequest, Event, EventKind, Request, State};
use crate::web::format::{age, stage_class};

/// The maximum of listed decisions, the newest.
const MOST_DECIDED: usize = 50;

#[derive(Template)]
#[template(path = "requests.html", config = "src/web/askama.toml")]
struct Page<'a> {
    frame: Frame,
    open: Vec<Card<'a>>,
    done: Vec<Done>,
    unreadable: &'a [Unreadable],
    error: Option<&'a str>,
}

/// An open request.
struct Card<'a> {
    id: String,
    model: &'a str,
    action: &'static str,
    version: &'a u64,
    from: Option<&'a u64>,
    stage: &'a str,
    class: &'static str,
    entry: &'a Move,
    /// The request's age; empty on a static page, which has no current time.
    waits: String,
    state: &'static str,
    state_class: &'static str,
    landed: bool,
    /// The column titles of the metrics before and after the move.
    was: &'static str,
    is: &'static str,
    stale: Option<&'a str>,
    needed: usize,
    counted: usize,
    approvals: Vec<Approval<'a>>,
    /// The users who may approve; empty if the request has enough approvals.
    may: String,
    /// Whether the forge counts the approvals.
    by_forge: bool,
    checks: Vec<Check>,
    metrics: Vec<Metric<'a>>,
    pull_request: &'a str,
    remote: &'a str,
    /// The next command.
    next: String,
    /// The commit of the request's branch, for forms.
    at: String,
    may_approve: bool,
    may_land: bool,
    /// Whether the reader is the requester, who may withdraw the request without a reason.
    own: bool,
}

struct Approval<'a> {
    by: &'a str,
    at: &'a Timestamp,
    comment: &'a str,
    signed: bool,
    why_not: Option<&'a str>,
}

struct Check {
    passed: bool,
    text: String,
    hint: String,
}

struct Metric<'a> {
    name: &'a str,
    now: String,
    asked: String,
    delta: String,
    /// `better` or `worse`; empty if unknown.
    class: &'static str,
}

/// A reviewed move, or a rejected request.
struct Done {
    event: Event,
    what: String,
    class: &'static str,
    word: &'static str,
    approved_by: String,
}

pub(super) fn page(asked: &Asked<'_>) -> Result<Answer> {
    let requests = &asked.view.requests;
    let registry = &asked.view.catalog.registry;
    html(&Page {
        frame: Frame::new(asked, "Requests", "requests"),
        open: requests.open.iter().map(|open| card(open, registry, asked)).collect(),
        done: done(asked),
        unreadable: &requests.unreadable,
        error: requests.error.as_deref(),
    })
}

fn card<'a>(open: &'a CatalogRequest, registry: &Registry, asked: &Asked<'_>) -> Card<'a> {
    let request = &open.request;
    let entry = &request.entry;
    let (state, state_class) = state(request);
    let not_counted = |place: usize| request.count.not_counted.iter().find(|(not, _)| *not == place);
    let approval = |(place, approval): (usize, &'a crate::model::Approval)| Approval {
        by: approval.by.as_str(),
        at: &approval.at,
        comment: approval.comment.as_ref().map_or("", |text| text.as_str()),
        signed: approval.signature.is_some(),
        why_not: not_counted(place).map(|(_, why)| why.as_str()),
    };
    let done = |person: &UserId| {
        person.same_person(&entry.by) || request.count.counted.iter().any(|other| other.same_person(person))
    };
    let people = request.count.approvers.iter().filter(|person| !done(person));
    let people: Vec<&str> = people.map(UserId::as_str).collect();
    let enough = request.count.enough();
    let is_me = |person: &UserId| asked.entered.is_some_and(|entered| entered.changes.acting.by.same_person(person));
    let may_approve =
        !enough && request.stale().is_none() && request.count.approvers.iter().any(|p| is_me(p) && !done(p));
    let id = request.id.to_string();
    Card {
        model: request.id.model.as_str(),
        action: match entry.action {
            Action::Promote => "Promote",
            Action::Rollback => "Roll back",
            Action::Withdraw => "Withdraw",
        },
        version: &request.id.version,
        from: entry.from.as_ref().filter(|from| **from != request.id.version),
        stage: request.id.stage.as_str(),
        class: stage_class(registry, request.id.stage.as_str()),
        waits: asked.now.map_or(String::new(), |now| age(now, entry.at)),
        state,
        state_class,
        landed: request.has_landed(),
        was: if request.has_landed() { "before" } else { "now" },
        is: if request.has_landed() { "now" } else { "asked" },
        stale: request.stale(),
        needed: request.count.needed,
        counted: request.count.counted.len(),
        approvals: entry.approvals.iter().enumerate().map(approval).collect(),
        may: if enough { String::new() } else { people.join(", ") },
        by_forge: request.review == Wanted::Forge,
        checks: checks(request),
        metrics: open.metrics.iter().map(|pair| metric(pair, registry)).collect(),
        pull_request: entry.request.as_ref().map_or("", |link| link.as_str()),
        remote: request.open().and_then(|open| open.remote.as_deref()).unwrap_or_default(),
        next: next(request, &id),
        at: request.open().map_or(String::new(), |open| open.commit.to_string()),
        may_approve,
        may_land: request.ready() && request.review != Wanted::Forge,
        own: is_me(&entry.by),
        id,
        entry,
    }
}

fn next(request: &Request, id: &str) -> String {
    if request.stale().is_some() {
        format!("modelreg reject {id} --reason stale")
    } else if request.ready() {
        format!("modelreg land {id}")
    } else if !request.count.enough() {
        format!("modelreg approve {id}")
    } else {
        format!("modelreg request show {id}")
    }
}

/// A request's state as the page names it, and the class of its badge.
fn state(request: &Request) -> (&'static str, &'static str) {
    match request.state() {
        State::Emergency => ("Emergency, awaits approval", "bad"),
        State::Stale => ("Stale", "warn"),
        State::Ready => ("Ready to land", "good"),
        State::BreaksRules => ("Breaks rules", "bad"),
        State::AwaitsApproval => ("Awaits approval", "warn"),
    }
}

/// The gates and the findings, without missing approvals, which the page shows apart.
fn checks(request: &Request) -> Vec<Check> {
    let Some(open) = request.open() else { return Vec::new() };
    let gates = open.report.gates.iter().flat_map(|gated| &gated.results);
    let gates = gates.map(|result| Check { passed: result.passed, text: result.sentence(), hint: String::new() });
    let is_gate = |finding: &Finding| [GATE_NOT_MET.id, REQUIREMENT_NOT_MET.id].contains(&finding.code.id);
    let is_shown_apart = |finding: &Finding| finding.is_missing_approvals() || is_gate(finding);
    let findings = open.report.findings.iter().filter(|finding| !is_shown_apart(finding));
    let findings = findings.map(|finding| Check {
        passed: finding.code.severity != Severity::Error,
        text: finding.message.clone(),
        hint: finding.hint.clone(),
    });
    gates.chain(findings).collect()
}

fn metric<'a>(pair: &'a crate::ops::MetricPair, registry: &Registry) -> Metric<'a> {
    let shown = |value: Option<Number>| value.map_or(String::new(), |value| value.to_string());
    let pair_of_numbers = pair.now.zip(pair.asked).filter(|(now, asked)| now.is_finite() && asked.is_finite());
    let difference = pair_of_numbers.map(|(now, asked)| (asked.as_f64() - now.as_f64(), asked.compare(now)));
    let delta = difference.map_or(String::new(), |(delta, order)| match order {
        std::cmp::Ordering::Equal => "±0".into(),
        std::cmp::Ordering::Greater => format!("+{}", rounded(delta)),
        std::cmp::Ordering::Less => format!("−{}", rounded(-delta)),
    });
    let risen = difference.filter(|(_, order)| order.is_ne()).map(|(_, order)| order.is_gt());
    let class = match (risen, goal_of(&pair.metric, registry)) {
        (Some(risen), Some(goal)) if risen == (goal == Goal::Higher) => "better",
        (Some(_), Some(_)) => "worse",
        _ => "",
    };
    Metric { name: &pair.metric, now: shown(pair.now), asked: shown(pair.asked), delta, class }
}

/// A difference without the rounding error of binary fractions: `0.014` instead of `0.014000000000000012`.
fn rounded(value: f64) -> String {
    if value != 0.0 && !(1e-6..1e12).contains(&value) {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The decisions, newest first.
fn done(asked: &Asked<'_>) -> Vec<Done> {
    let registry = &asked.view.catalog.registry;
    let done = |event: Event| {
        let approved: Vec<&str> = event.approved_by.iter().map(|by| by.as_str()).collect();
        let stage = event.stage.as_deref();
        let verb = match event.requested_action.or(event.action.moved()) {
            Some(Action::Promote) => "Promote",
            Some(Action::Rollback) => "Roll back to",
            _ => "Withdraw",
        };
        Done {
            what: event.version.map_or(String::new(), |version| format!("{verb} {version} in")),
            class: stage.map_or("", |stage| stage_class(registry, stage)),
            word: match event.action {
                EventKind::Reject => "Rejected",
                EventKind::WithdrawRequest => "Withdrawn",
                _ => "Landed",
            },
            approved_by: approved.join(", "),
            event,
        }
    };
    asked.view.catalog.decisions().take(MOST_DECIDED).map(|event| done(event.event())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_no_tail() {
        for (value, shown) in [(0.987 - 0.973, "0.014"), (12.0, "12"), (1e-9, "1.00e-9")] {
            assert_eq!(rounded(value), shown);
        }
    }

    #[test]
    fn the_goal_of_the_metric_decides_which_value_is_better() {
        let registry: Registry = toml::from_str("format = 1\nname = \"acme\"\n").unwrap();
        let pair = |metric: &str, now, asked| crate::ops::MetricPair {
            metric: metric.into(),
            now: Some(Number::Float(now)),
            asked: Some(Number::Float(asked)),
        };
        for (metric_name, now, asked, class) in [
            ("accuracy", 0.9, 0.95, "better"),
            ("accuracy", 0.95, 0.9, "worse"),
            ("loss", 0.2, 0.1, "better"),
            ("loss", 0.1, 0.2, "worse"),
            ("loss", 0.1, 0.1, ""),
            ("rows", 1.0, 2.0, ""),
        ] {
            assert_eq!(metric(&pair(metric_name, now, asked), &registry).class, class, "{metric_name} {now} {asked}");
        }
    }
}
