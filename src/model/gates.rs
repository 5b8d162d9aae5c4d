//! The policy's requirements for a version that enters a stage: required keys of the manifest, and gates on metrics,
//! with fixed bounds or relative to the version in a stage now.

use std::cmp::Ordering;

use serde_json::Value;

use super::registry::{Gate, Goal, KeyPath, StagePolicy};
use super::scalar::Number;
use super::version::Manifest;

/// One requirement and its result.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct GateResult {
    /// The requirement: `accuracy >= 0.9`, `lineage.code`.
    pub asked: String,
    /// The version's value.
    pub value: Option<String>,
    /// The version in a stage that the value was compared with, and its value.
    pub compared: Option<String>,
    /// Whether the version meets the requirement.
    pub passed: bool,
    /// Whether the requirement is a required key, not a gate.
    #[serde(skip)]
    pub required_key: bool,
}

impl GateResult {
    /// The result as a sentence without its full stop.
    pub fn sentence(&self) -> String {
        let value = match (&self.value, self.required_key) {
            (Some(value), false) => format!("it is {value}"),
            (None, false) => "the version has no such metric".into(),
            (Some(_), true) => "the version has it".into(),
            (None, true) => "the version has none".into(),
        };
        let compared = self.compared.as_ref().map_or(String::new(), |compared| format!(" ({compared})"));
        format!("{} is required, and {value}{compared}", self.asked)
    }
}

/// Checks a version against a stage's policy. `in_stage` returns the manifest of the version in a stage, by the stage's
/// name.
///
/// # Errors
/// Those of `in_stage`.
pub fn judge<E>(
    policy: &StagePolicy,
    manifest: &Manifest,
    mut in_stage: impl FnMut(&str) -> Result<Option<Manifest>, E>,
) -> Result<Vec<GateResult>, E> {
    let facts = serde_json::to_value(manifest).unwrap_or_default();
    let mut results: Vec<GateResult> = policy.requires.iter().map(|key| required(key, &facts)).collect();
    for gate in &policy.gates {
        let value = manifest.metrics.get(&gate.metric).copied();
        let bounds = [(gate.min, ">=", Ordering::Less), (gate.max, "<=", Ordering::Greater)];
        for (bound, sign, beyond) in bounds {
            if let Some(bound) = bound {
                results.push(GateResult {
                    asked: format!("{} {sign} {bound}", gate.metric),
                    value: value.map(|value| value.to_string()),
                    compared: None,
                    passed: value.is_some_and(|value| value.is_finite() && value.compare(bound.get()) != beyond),
                    required_key: false,
                });
            }
        }
        if let Some(stage) = &gate.not_worse_than {
            results.push(beside(gate, stage.as_str(), value, in_stage(stage.as_str())?.as_ref()));
        }
    }
    Ok(results)
}

/// Whether a manifest has a value at a key: `metrics.accuracy`, `lineage.code`. A blank string, an empty array and an
/// empty table do not count.
fn required(key: &KeyPath, manifest: &Value) -> GateResult {
    let (mut at, mut rest) = (Some(manifest), Some(key.as_str()));
    while let (Some(value), Some(path)) = (at, rest) {
        // A key of params, metrics or tags may itself contain dots.
        if let Some(found) = value.get(path) {
            (at, rest) = (Some(found), None);
        } else {
            let (first, more) = path.split_once('.').map_or((path, None), |(first, more)| (first, Some(more)));
            (at, rest) = (value.get(first).filter(|_| more.is_some()), more);
        }
    }
    // In JSON, a metric that is `nan` or an infinity is a string. It does not show what was asked for.
    let metric = key.as_str().starts_with("metrics.");
    let there = at.filter(|value| match value {
        Value::Null => false,
        Value::String(_) if metric => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    });
    GateResult {
        asked: key.to_string(),
        value: there.map(|_| "there".to_owned()),
        compared: None,
        passed: there.is_some(),
        required_key: true,
    }
}

/// Compares a metric with the version in a stage. Passes if the stage is empty or its version lacks the metric. `nan` and
/// infinity count as lacking, on either side.
fn beside(gate: &Gate, stage: &str, value: Option<Number>, now: Option<&Manifest>) -> GateResult {
    let tolerance = gate.tolerance.map_or(String::new(), |by| format!(" by more than {by}"));
    let theirs = now.and_then(|now| now.metrics.get(&gate.metric).copied());
    let compared = match (now, theirs) {
        (None, _) => format!("nothing is in {stage}"),
        (Some(now), None) => format!("version {} in {stage} has none", now.version),
        (Some(now), Some(theirs)) => format!("version {} in {stage} has {theirs}", now.version),
    };
    let finite = |value: Option<Number>| value.filter(|value| value.is_finite());
    let passed = match (finite(value), finite(theirs)) {
        // No gate lets `nan` and infinity through, whatever they are compared with.
        (None, None) => value.is_none(),
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (Some(value), Some(theirs)) => {
            let (value, theirs) = (value.as_f64(), theirs.as_f64());
            let behind = if gate.goal == Some(Goal::Lower) { value - theirs } else { theirs - value };
            // In floating point, 0.9 - 0.89 is slightly more than 0.01.
            let grain = 4.0 * f64::EPSILON * value.abs().max(theirs.abs());
            behind <= gate.tolerance.map_or(0.0, |by| by.get().as_f64()) + grain
        }
    };
    GateResult {
        asked: format!("{} not worse than {stage}{tolerance}", gate.metric),
        value: value.map(|value| value.to_string()),
        compared: Some(compared),
        passed,
        required_key: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::strict::from_toml;

    fn manifest(version: u64, metrics: &str) -> Manifest {
        from_toml(&format!(
            "format = 1\nversion = {version}\ncreated_at = 2022-01-28T13:11:14Z\ncreated_by = \"ada@example.com\"\ndescription = \" \"\n\
             [artifact]\nuri = \"s3://models/iris/9\"\n[lineage]\ncode = {{ commit = \"abcdef1\" }}\n[params]\n\"a.b\" = 1\n[metrics]\n{metrics}\n"
        ))
        .unwrap()
    }

    fn policy(text: &str) -> StagePolicy {
        from_toml(&format!("name = \"Production\"\n{text}")).unwrap()
    }

    fn passed(policy_text: &str, metrics: &str, now: Option<&str>) -> Vec<bool> {
        let now = now.map(|metrics| manifest(8, metrics));
        let judged = judge(&policy(policy_text), &manifest(9, metrics), |_| Ok::<_, ()>(now.clone())).unwrap();
        judged.iter().map(|result| result.passed).collect()
    }

    #[test]
    fn bounds_count_as_within() {
        let gate = "gates = [{ metric = \"f1\", min = 0.5, max = 1 }]";
        assert_eq!(passed(gate, "f1 = 0.5", None), [true, true]);
        assert_eq!(passed(gate, "f1 = 0.49", None), [false, true]);
        assert_eq!(passed(gate, "f1 = 1.0", None), [true, true]);
        assert_eq!(passed(gate, "f1 = 1.01", None), [true, false]);
        assert_eq!(passed(gate, "", None), [false, false]);
    }

    #[test]
    fn a_version_may_be_worse_than_another_by_the_tolerance_and_no_more() {
        let gate = |goal| {
            format!(
                "gates = [{{ metric = \"m\", not_worse_than = \"Production\", tolerance = 0.01, goal = \"{goal}\" }}]"
            )
        };
        for (goal, value, now, passes) in [
            ("higher", "0.89", "0.9", true),
            ("higher", "0.88", "0.9", false),
            ("higher", "0.95", "0.9", true),
            ("lower", "0.91", "0.9", true),
            ("lower", "0.92", "0.9", false),
        ] {
            let now = format!("m = {now}");
            assert_eq!(passed(&gate(goal), &format!("m = {value}"), Some(&now)), [passes], "{goal} {value}");
        }
        assert_eq!(passed(&gate("higher"), "m = 0.1", None), [true]);
        assert_eq!(passed(&gate("higher"), "m = 0.1", Some("")), [true]);
        assert_eq!(passed(&gate("higher"), "", Some("m = 0.9")), [false]);
    }

    #[test]
    fn no_gate_lets_nan_or_infinity_through() {
        let beside = "gates = [{ metric = \"m\", not_worse_than = \"Production\", goal = \"higher\" }]";
        for value in ["nan", "-nan", "inf", "-inf"] {
            let metric = format!("m = {value}");
            assert_eq!(passed("gates = [{ metric = \"m\", min = -5, max = 5.0 }]", &metric, None), [false, false]);
            for now in [None, Some(""), Some("m = nan"), Some("m = 0.9")] {
                assert_eq!(passed(beside, &metric, now), [false], "{value} beside {now:?}");
            }
            assert_eq!(passed(beside, "m = 0.1", Some(&metric)), [true], "{value} is no number to compare with");
            assert_eq!(passed("requires = [\"metrics.m\"]", &metric, None), [false]);
            assert!(
                from_toml::<StagePolicy>(&format!("name = \"P\"\ngates = [{{ metric = \"m\", min = {value} }}]"))
                    .is_err()
            );
        }
    }

    #[test]
    fn a_required_key_is_there_when_it_says_something() {
        let keys = "requires = [\"lineage.code\", \"lineage.code.commit\", \"params.a.b\", \"metrics.m\", \"description\", \"lineage.run_id\", \"artifact.digest\"]";
        assert_eq!(passed(keys, "m = 0", None), [true, true, true, true, false, false, false]);
    }

    #[test]
    fn a_sentence_says_what_is_and_what_must_be() {
        let judged = judge(
            &policy("gates = [{ metric = \"m\", min = 0.9, not_worse_than = \"Staging\", goal = \"higher\" }]\nrequires = [\"description\"]"),
            &manifest(9, "m = 0.85"),
            |_| Ok::<_, ()>(Some(manifest(8, "m = 0.88"))),
        )
        .unwrap();
        let said: Vec<String> = judged.iter().map(GateResult::sentence).collect();
        assert_eq!(
            said,
            [
                "description is required, and the version has none",
                "m >= 0.9 is required, and it is 0.85",
                "m not worse than Staging is required, and it is 0.85 (version 8 in Staging has 0.88)"
            ]
        );
    }
}
