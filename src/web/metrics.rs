//! The registry's state for Prometheus, in its text format (version 0.0.4).

use std::fmt::Write as _;

use super::site::View;
use crate::model::Timestamp;

/// The media type of the format.
pub(super) const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics of a registry at one commit.
pub(super) fn metrics(view: &View, now: Timestamp) -> String {
    let catalog = &*view.catalog;
    let mut text = String::new();
    let live = || catalog.models().filter(|model| !model.listed.deleted);
    gauge(
        &mut text,
        "modelreg_models",
        "Registered models that are not deleted.",
        &[(String::new(), live().count() as f64)],
    );
    let stages = catalog.totals().in_stages.iter();
    let stages: Vec<_> = stages.map(|(stage, n)| (labels(&[("stage", stage)]), n as f64)).collect();
    gauge(
        &mut text,
        "modelreg_model_versions",
        "Model versions that are not deleted, by the stage they are in.",
        &stages,
    );
    let held = live().flat_map(|model| {
        let name = &model.listed.name;
        model
            .listed
            .stages
            .iter()
            .map(move |held| (labels(&[("model", name), ("stage", &held.stage)]), held.version as f64))
    });
    gauge(&mut text, "modelreg_stage_version", "The version that is in a stage.", &held.collect::<Vec<_>>());
    let moves = catalog.totals().moves_of.iter();
    let moves: Vec<_> =
        moves.map(|((stage, action), n)| (labels(&[("stage", stage), ("action", action.word())]), n as f64)).collect();
    counter(&mut text, "modelreg_transitions_total", "Stage transitions in the journals.", &moves);
    let (landed, open): (Vec<_>, Vec<_>) = view.reviews.open.iter().map(|r| &r.request).partition(|r| r.landed);
    gauge(&mut text, "modelreg_requests_open", "Open review requests.", &[(String::new(), open.len() as f64)]);
    let oldest = open.iter().map(|request| request.entry.at).min();
    let age = oldest.map_or(0, |at| (now.utc() - at.utc()).num_seconds().max(0));
    gauge(
        &mut text,
        "modelreg_request_oldest_age_seconds",
        "How long the oldest open request waits; 0 for none.",
        &[(String::new(), age as f64)],
    );
    gauge(
        &mut text,
        "modelreg_emergencies_unapproved",
        "Emergencies that await their approval.",
        &[(String::new(), landed.len() as f64)],
    );
    gauge(
        &mut text,
        "modelreg_models_unreadable",
        "Model folders whose files cannot be read.",
        &[(String::new(), catalog.unreadable.len() as f64)],
    );
    text
}

fn gauge(text: &mut String, name: &str, help: &str, samples: &[(String, f64)]) {
    family(text, "gauge", name, help, samples);
}

fn counter(text: &mut String, name: &str, help: &str, samples: &[(String, f64)]) {
    family(text, "counter", name, help, samples);
}

fn family(text: &mut String, kind: &str, name: &str, help: &str, samples: &[(String, f64)]) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

/// Labels with their values, of which a backslash, a quote and a line's end are escaped.
fn labels(pairs: &[(&str, &str)]) -> String {
    let value = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> = pairs.iter().map(|(key, text)| format!("{key}=\"{}\"", value(text))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_early() {
        assert_eq!(labels(&[("model", "a\"b\\c\nd"), ("stage", "P")]), "{model=\"a\\\"b\\\\c\\nd\",stage=\"P\"}");
    }
}
