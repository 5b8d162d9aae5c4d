//! `registry.toml`: the consistency of the stages and the policy, and the syntax of `allowed_signers`.

use std::collections::HashSet;

use anyhow::Result;

use super::entries::{self, Wanted};
use super::file::Reader;
use super::sink::{Loaded, Sink, Source};
use crate::diag::KeyStep;
use crate::diag::codes::registry::{
    APPROVALS_OUT_OF_RANGE, APPROVALS_WITHOUT_REVIEW, DUPLICATE_STAGE, EMPTY_GATE, GATE_RANGE, GATE_WITHOUT_GOAL,
    NEGATIVE_TOLERANCE, POLICY_VERSION_ZERO, SIGNED_WITHOUT_SIGNERS, SIGNERS_SYNTAX, STAGE_CYCLE, TOO_MANY_STAGES,
    UNKNOWN_STAGE, UNKNOWN_TEAM,
};
use crate::diag::codes::tree::REGISTRY_MISSING;
use crate::model::layout::{REGISTRY_FILE, SIGNERS_FILE};
use crate::model::{Gate, Registry, Review, StagePolicy};

/// The maximum number of approvals that a stage may require.
const MAX_APPROVALS: u32 = 100;
/// The maximum number of stages.
const MAX_STAGES: usize = 100;

/// Reads `registry.toml`. Returns none, with findings in the sink, if it is missing or invalid.
pub(super) fn load(reader: &Reader<'_>, sink: &mut Sink) -> Result<Option<Loaded<Registry>>> {
    let Some(entry) = reader.tree().find(REGISTRY_FILE)? else {
        let message = "`registry.toml` is missing";
        sink.path(&REGISTRY_MISSING, REGISTRY_FILE, message, "run `modelreg init`, or restore the file from git");
        return Ok(None);
    };
    if !entries::is(&entry, Wanted::File, sink) {
        return Ok(None);
    }
    reader.load(&entry, sink)
}

/// Checks the contents of `registry.toml`, and `allowed_signers`.
pub(super) fn check(loaded: &Loaded<Registry>, reader: &Reader<'_>, sink: &mut Sink) -> Result<()> {
    let Loaded { value: registry, source } = loaded;
    if registry.policy_version == 0 {
        sink.key(
            &POLICY_VERSION_ZERO,
            source,
            &["policy_version".into()],
            "policy versions start at 1",
            "write `policy_version = 1`",
        );
    }
    if registry.stages.len() > MAX_STAGES {
        // Stages are compared pairwise, so thousands of them would be slow.
        let message = format!("the registry has {} stages; the maximum is {MAX_STAGES}", registry.stages.len());
        sink.key(&TOO_MANY_STAGES, source, &["stages".into()], message, "remove the stages that nothing uses");
        return Ok(());
    }
    for (at, stage) in registry.stages.iter().enumerate() {
        let place = Place { source, at };
        if registry.stages[..at].iter().any(|other| other.name.is(stage.name.as_str())) {
            let message = format!("the stage `{}` is declared twice", stage.name);
            sink.key(&DUPLICATE_STAGE, source, &place.key("name"), message, "rename or remove one of the two");
        }
        check_after(registry, stage, &place, sink);
        check_review(registry, stage, &place, sink);
        for (gate_at, gate) in stage.gates.iter().enumerate() {
            check_gate(registry, gate, &|key| place.gate(gate_at, key), source, sink);
        }
    }
    check_signers(registry, source, reader, sink)
}

/// The position of a stage in `registry.toml`.
struct Place<'a> {
    source: &'a Source,
    at: usize,
}

impl Place<'_> {
    fn key(&self, key: &str) -> Vec<KeyStep> {
        vec!["stages".into(), self.at.into(), key.into()]
    }

    fn gate(&self, gate: usize, key: &str) -> Vec<KeyStep> {
        vec!["stages".into(), self.at.into(), "gates".into(), gate.into(), key.into()]
    }
}

fn declared(registry: &Registry) -> String {
    let names: Vec<_> = registry.stages.iter().map(|stage| format!("`{}`", stage.name)).collect();
    format!("use one of {}", names.join(", "))
}

fn check_after(registry: &Registry, stage: &StagePolicy, place: &Place<'_>, sink: &mut Sink) {
    let Some(after) = &stage.after else { return };
    if registry.stage(after.as_str()).is_none() {
        let message = format!("the registry has no stage `{after}`");
        return sink.key(&UNKNOWN_STAGE, place.source, &place.key("after"), message, declared(registry));
    }
    let next = |name: &str| registry.stage(name).and_then(|stage| stage.after.as_ref());
    let mut passed = vec![stage.name.as_str()];
    let mut at = Some(after);
    while let Some(name) = at {
        passed.push(name.as_str());
        if name.is(stage.name.as_str()) {
            let message = format!("no version can enter: {}", passed.join(" comes after "));
            let hint = "remove `after` from one of these stages";
            return sink.key(&STAGE_CYCLE, place.source, &place.key("after"), message, hint);
        }
        // The stages of a cycle report it; a stage that only leads to a cycle does not.
        if passed.len() > registry.stages.len() + 1 {
            return;
        }
        at = next(name.as_str());
    }
}

fn check_review(registry: &Registry, stage: &StagePolicy, place: &Place<'_>, sink: &mut Sink) {
    let source = place.source;
    for approver in &stage.approvers {
        if let Some(team) = approver.team()
            && !registry.teams.contains_key(team)
        {
            let message = format!("`[teams]` has no team `{team}`");
            sink.key(&UNKNOWN_TEAM, source, &place.key("approvers"), message, "declare the team, or correct its name");
        }
    }
    if matches!(stage.review, Review::None | Review::Forge) {
        for (key, set) in [("approvals", stage.approvals.is_some()), ("approvers", !stage.approvers.is_empty())] {
            if set {
                let message =
                    format!("`{key}` of `{}` has no effect, because its review does not count approvals", stage.name);
                let hint = "set `review` to \"recorded\" or \"signed\", or remove the key";
                sink.key(&APPROVALS_WITHOUT_REVIEW, source, &place.key(key), message, hint);
            }
        }
        return;
    }
    let needed = stage.needed_approvals();
    let eligible = eligible(registry, stage);
    let message = match eligible {
        _ if needed == 0 => "a review needs at least 1 approval".into(),
        _ if needed > MAX_APPROVALS => format!("the stage requires {needed} approvals; the maximum is {MAX_APPROVALS}"),
        Some(people) if needed as usize > people => {
            format!("the stage requires {needed} approvals, but only {people} people can approve")
        }
        _ => return,
    };
    let key = if stage.approvals.is_some() { "approvals" } else { "approvers" };
    let hint = "set `approvals` between 1 and the number of people who can approve";
    sink.key(&APPROVALS_OUT_OF_RANGE, source, &place.key(key), message, hint);
}

/// The number of people that the policy names as approvers. None if the model's owners approve, or if a team is not
/// declared.
fn eligible(registry: &Registry, stage: &StagePolicy) -> Option<usize> {
    if stage.approvers.is_empty() {
        return None;
    }
    let mut people = HashSet::new();
    for approver in &stage.approvers {
        match approver.team() {
            Some(team) => {
                people.extend(registry.teams.get(team)?.iter().map(|user| user.as_str().to_ascii_lowercase()))
            }
            None => drop(people.insert(approver.as_str().to_ascii_lowercase())),
        }
    }
    Some(people.len())
}

fn check_gate(registry: &Registry, gate: &Gate, key: &dyn Fn(&str) -> Vec<KeyStep>, source: &Source, sink: &mut Sink) {
    if gate.min.is_none() && gate.max.is_none() && gate.not_worse_than.is_none() {
        let message = format!("the gate on `{}` lets every version pass", gate.metric);
        sink.key(&EMPTY_GATE, source, &key("metric"), message, "add `min`, `max` or `not_worse_than`");
    }
    if let (Some(min), Some(max)) = (gate.min, gate.max)
        && min.get().compare(max.get()).is_gt()
    {
        let message = format!("no number is at least {min} and at most {max}");
        sink.key(&GATE_RANGE, source, &key("min"), message, "correct `min` or `max`");
    }
    if let Some(other) = &gate.not_worse_than {
        if registry.stage(other.as_str()).is_none() {
            let message = format!("the registry has no stage `{other}`");
            sink.key(&UNKNOWN_STAGE, source, &key("not_worse_than"), message, declared(registry));
        }
        if gate.goal.is_none() {
            let message = format!("`goal` is missing: is a higher or a lower `{}` better?", gate.metric);
            let hint = "add `goal = \"higher\"` or `goal = \"lower\"`";
            sink.key(&GATE_WITHOUT_GOAL, source, &key("not_worse_than"), message, hint);
        }
    }
    if let Some(tolerance) = gate.tolerance.filter(|t| t.get().as_f64() < 0.0) {
        let message = format!("a tolerance of {tolerance} would require an improvement");
        sink.key(&NEGATIVE_TOLERANCE, source, &key("tolerance"), message, "write zero or more");
    }
}

/// Checks `allowed_signers`: its syntax, and that the file is there if a stage needs it.
pub(super) fn check_signers(registry: &Registry, source: &Source, reader: &Reader<'_>, sink: &mut Sink) -> Result<()> {
    if let Some(entry) = reader.tree().find(SIGNERS_FILE)? {
        if entries::is(&entry, Wanted::File, sink)
            && let Some(signers) = reader.text(&entry, sink)?
        {
            check_lines(&signers, sink);
        }
        return Ok(());
    }
    for (at, stage) in registry.stages.iter().enumerate().filter(|(_, stage)| stage.review == Review::Signed) {
        let message = format!("`{}` requires signed approvals, but `{SIGNERS_FILE}` is missing", stage.name);
        let hint = format!("add `{SIGNERS_FILE}` with the approvers' public keys");
        sink.key(&SIGNED_WITHOUT_SIGNERS, source, &Place { source, at }.key("review"), message, hint);
    }
    Ok(())
}

fn check_lines(signers: &Source, sink: &mut Sink) {
    let mut start = 0;
    for line in signers.text.split_inclusive('\n') {
        let text = line.trim();
        if !text.is_empty()
            && !text.starts_with('#')
            && let Err(why) = check_signer(text)
        {
            let span = start..start + line.trim_end().len();
            let hint = "write `PERSON [OPTIONS] KEY-TYPE KEY`; the key is in the person's `.pub` file";
            sink.span(&SIGNERS_SYNTAX, signers, span, why, hint);
        }
        start += line.len();
    }
}

/// Checks that a line has the parts that `ssh-keygen` requires: people, optional options, the key type and the key.
/// `ssh-keygen` itself validates the key.
fn check_signer(line: &str) -> Result<(), String> {
    let words = words(line).ok_or("a quotation mark is not closed")?;
    let is_kind = |word: &&str| {
        ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-", "rsa-sha2-"].iter().any(|kind| word.starts_with(kind))
    };
    let kind = words.iter().skip(1).position(is_kind).ok_or("the key type is missing after the person")? + 1;
    if kind > 2 {
        return Err("the options contain a space; separate them with commas".into());
    }
    if let Some(options) = words.get(1).filter(|_| kind == 2) {
        let mut quoted = false;
        let comma = |c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        };
        for option in options.split(comma) {
            let name = option.split('=').next().unwrap_or_default().to_ascii_lowercase();
            if !["cert-authority", "namespaces", "valid-after", "valid-before"].contains(&name.as_str()) {
                return Err(format!("`{name}` is not an option of allowed_signers"));
            }
        }
    }
    let key = words.get(kind + 1).ok_or("the key is missing after its type")?;
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if key.len() < 16 || !key.bytes().all(is_base64) {
        return Err("the key is not in base64".into());
    }
    Ok(())
}

/// The words of a line; a space in quotation marks does not separate words. None if a quotation mark is not closed.
fn words(line: &str) -> Option<Vec<&str>> {
    let mut quoted = false;
    let space = |c: char| {
        quoted ^= c == '"';
        c.is_ascii_whitespace() && !quoted
    };
    let words = line.split(space).filter(|word| !word.is_empty()).collect();
    if quoted { None } else { Some(words) }
}
