//! The owners of a registry's files, by its policy.

use std::collections::BTreeSet;

use anyhow::Result;

use super::syntax::Part;
use crate::model::layout::{MODELS, REGISTRY_FILE, SIGNERS_FILE, STAGES};
use crate::model::{ModelName, RegisteredModel, Review, Snapshot, StagePolicy, UserId};

/// Files and their owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The path relative to the root of the repository.
    pub path: Vec<Part>,
    /// The owners, sorted by address.
    pub owners: BTreeSet<UserId>,
}

/// A group of rules with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// The title, one line.
    pub what: String,
    /// The rules. No two match the same path, so their order does not matter.
    pub rules: Vec<Rule>,
}

/// The rules of a registry in the folder `prefix`, whose CODEOWNERS file is `file`.
///
/// - The owners of the pointers of a stage with a review, `models/*/stages/STAGE.toml`, are the stage's approvers; if the
///   policy names none, the owners of each model.
/// - The owners of the files that control the review (`registry.toml`, `allowed_signers`, the CODEOWNERS file) are the
///   approvers of the strictest stage; if the policy names none, the owners of all models. A registry has no owners, and a
///   user who can change the policy can do everything that these users may approve.
pub(super) fn groups(snapshot: &Snapshot<'_>, prefix: &str, file: &str) -> Result<Vec<Group>> {
    let stages = &snapshot.registry.stages;
    let reviewed: Vec<&StagePolicy> = stages.iter().filter(|stage| stage.review != Review::None).collect();
    let owned = if reviewed.iter().any(|stage| stage.approvers.is_empty()) { owned(snapshot)? } else { Vec::new() };
    let Some(strictest) = reviewed.iter().map(|stage| strictness(stage)).max() else { return Ok(Vec::new()) };

    let mut keepers = BTreeSet::new();
    for stage in reviewed.iter().filter(|stage| strictness(stage) == strictest) {
        keepers.extend(approvers(snapshot, stage));
        if stage.approvers.is_empty() {
            keepers.extend(owned.iter().flat_map(|(_, owners)| owners.iter().cloned()));
        }
    }
    let top = |path: &str| path.split('/').map(|name| Part::Named(name.to_owned())).collect::<Vec<_>>();
    let paths = [format!("{prefix}{REGISTRY_FILE}"), format!("{prefix}{SIGNERS_FILE}"), file.to_owned()];
    let rules = paths.iter().map(|path| Rule { path: top(path), owners: keepers.clone() }).collect();
    let mut groups = vec![Group { what: "The files that control the review.".into(), rules }];

    for stage in reviewed {
        let file = format!("{STAGES}/{}", stage.name.file_name());
        let rules = if stage.approvers.is_empty() {
            let rule = |(name, owners): &(ModelName, BTreeSet<UserId>)| {
                let folder = snapshot.layout().model_folder(name);
                Rule { path: top(&format!("{prefix}{folder}/{file}")), owners: owners.clone() }
            };
            owned.iter().map(rule).collect()
        } else {
            let folders = if snapshot.layout().shard("any").is_some() { 2 } else { 1 };
            let mut path = top(&format!("{prefix}{MODELS}"));
            path.extend(std::iter::repeat_n(Part::Any, folders));
            path.extend(top(&file));
            vec![Rule { path, owners: approvers(snapshot, stage) }]
        };
        let what = match stage.needed_approvals() {
            0 => format!("The versions in {}.", stage.name),
            1 => format!("The versions in {}: 1 approval.", stage.name),
            n => format!("The versions in {}: {n} approvals.", stage.name),
        };
        groups.push(Group { what, rules });
    }
    Ok(groups)
}

/// The sort key for the strictest stage: the kind of review, then the number of approvals.
fn strictness(stage: &StagePolicy) -> (u8, u32) {
    let kind = match stage.review {
        Review::None => 0,
        Review::Forge => 1,
        Review::Recorded => 2,
        Review::Signed => 3,
    };
    (kind, stage.approvals.unwrap_or(1))
}

/// The approvers of a stage. Teams are replaced by their members, because a forge does not know the registry's teams.
fn approvers(snapshot: &Snapshot<'_>, stage: &StagePolicy) -> BTreeSet<UserId> {
    let mut people = BTreeSet::new();
    for approver in &stage.approvers {
        match approver.team() {
            Some(team) => {
                let members = snapshot.registry.teams.iter().find(|(name, _)| name.as_str() == team);
                people.extend(members.into_iter().flat_map(|(_, members)| members.iter().cloned()));
            }
            None => people.extend(UserId::new(approver.as_str())),
        }
    }
    people
}

/// The owners of each model that is not deleted, by name.
fn owned(snapshot: &Snapshot<'_>) -> Result<Vec<(ModelName, BTreeSet<UserId>)>> {
    let mut owned = Vec::new();
    for folder in snapshot.model_folders()? {
        let Ok(name) = ModelName::new(folder.name()) else { continue };
        let Some(model) = snapshot.model_file(&name)? else { continue };
        let RegisteredModel { owners, deleted: None, .. } = model else { continue };
        owned.push((name, owners.into_iter().collect()));
    }
    owned.sort();
    Ok(owned)
}
