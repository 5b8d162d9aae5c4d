//! `registry.toml`: the registry, its stages and its policy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::name::{BranchName, StageName, TeamName};
use super::scalar::Finite;
use super::text::{Checked, Invalid, Key, Line, UserId, string_type};

/// The registry, its stages and its policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The version of the file format; this program supports 1.
    pub format: Format,
    /// The registry's name.
    pub name: Line,
    /// The registry's branch: requests start from it and land on it, and its policy applies.
    #[serde(default = "main_branch")]
    pub branch: BranchName,
    /// The layout of the models' folders under `models/`.
    #[serde(default)]
    pub layout: Layout,
    /// The version of the policy. It must rise with every change of the policy, so that an old policy cannot be
    /// restored.
    #[serde(default = "first_policy")]
    #[schemars(range(min = 1))]
    pub policy_version: u64,
    /// The stages, in the order in which a version passes through them.
    #[serde(default)]
    pub stages: Vec<StagePolicy>,
    /// Teams and their members. A stage's `approvers` names a team with `@`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "team-name" }))]
    pub teams: BTreeMap<TeamName, Vec<UserId>>,
}

fn main_branch() -> BranchName {
    BranchName::new("main").unwrap_or_else(|_| unreachable!("a fixed name"))
}

fn first_policy() -> u64 {
    1
}

/// The layout of the models' folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `models/NAME/`
    #[default]
    Flat,
    /// `models/na/NAME/`: a folder of the name's first two characters, for registries of thousands of models.
    Sharded,
}

/// A stage, and the policy for versions that enter it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// The stage's name.
    pub name: StageName,
    /// Only a version that has been in this stage may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<StageName>,
    /// The review that a transition requires.
    #[serde(default)]
    pub review: Review,
    /// The number of required approvals by people other than the requester.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub approvals: Option<u32>,
    /// People and `@teams` whose approval counts; if empty, the model's owners.
    #[serde(default)]
    pub approvers: Vec<Approver>,
    /// Whether a rollback may land before its approval.
    #[serde(default)]
    pub emergency: bool,
    /// Keys that a version's manifest must have to enter, for example `lineage.code`.
    #[serde(default)]
    pub requires: Vec<KeyPath>,
    /// Conditions on metrics that a version must meet to enter.
    #[serde(default)]
    pub gates: Vec<Gate>,
}

impl StagePolicy {
    /// Whether a move of this stage requires a request.
    pub fn wants_request(&self) -> bool {
        self.review != Review::None
    }

    /// Whether approvals in the journal count. With other reviews the forge counts approvals, or nobody does.
    pub fn counts_approvals(&self) -> bool {
        matches!(self.review, Review::Recorded | Review::Signed)
    }

    /// The number of approvals that a transition requires: `approvals`, by default 1; 0 if the review does not count
    /// approvals.
    pub fn needed_approvals(&self) -> u32 {
        match self.review {
            Review::None | Review::Forge => 0,
            Review::Recorded | Review::Signed => self.approvals.unwrap_or(1),
        }
    }
}

/// The review that a stage's transitions require.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Review {
    /// A transition is committed at once.
    #[default]
    None,
    /// A transition is a request, which is approved on the forge.
    Forge,
    /// A transition is a request, whose approvals are entries in the journal.
    Recorded,
    /// Like `recorded`, and each approval is signed.
    Signed,
}

/// A condition on a metric of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric's key.
    pub metric: Key,
    /// The minimum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Finite>,
    /// The maximum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Finite>,
    /// The stage with whose current version the metric is compared: it must not be worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_worse_than: Option<StageName>,
    /// By how much it may be worse, in the metric's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Finite>,
    /// Which direction is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// Which direction of a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// Higher is better.
    Higher,
    /// Lower is better.
    Lower,
}

string_type! {
    /// An approver: a user id, or `@` and the name of a team.
    Approver, format = "approver", check = check_approver, pattern = r"^@?[^@\s<>-][^\s<>]*$", max = 255
}

impl Approver {
    /// The team's name, if the approver is a team.
    pub fn team(&self) -> Option<&str> {
        self.as_str().strip_prefix('@')
    }
}

fn check_approver(text: &str) -> Checked {
    match text.strip_prefix('@') {
        Some(team) => TeamName::check(team),
        None => UserId::check(text),
    }
}

string_type! {
    /// A key of a manifest, with dots between tables: `lineage.code`, `metrics.accuracy`.
    KeyPath, format = "key-path", check = check_key_path, pattern = r"^[^.\s]+(\.[^.\s]+)*$", max = 250
}

fn check_key_path(path: &str) -> Checked {
    let known =
        ["description", "project", "environment", "artifact", "lineage", "params", "metrics", "signature", "tags"];
    let first = path.split('.').next().unwrap_or_default();
    if !known.contains(&first) || path.split('.').any(str::is_empty) {
        return Err(Invalid::new(
            format!("`{path}` is not a key of a version's manifest"),
            format!("begin with one of: {}", known.join(", ")),
        ));
    }
    Key::check(path)
}

impl Registry {
    /// The policy of a stage; case does not count.
    pub fn stage(&self, name: &str) -> Option<&StagePolicy> {
        self.stages.iter().find(|stage| stage.name.is(name))
    }

    /// Whether a model's owners approve the moves of a stage: approvals count there, and the policy names no approvers.
    pub fn owners_approve(&self) -> bool {
        self.stages.iter().any(|stage| stage.counts_approvals() && stage.approvers.is_empty())
    }

    /// The people whose approval counts for a stage: the people and team members that its policy names, else the
    /// model's owners.
    pub fn approvers<'a>(&'a self, policy: &'a StagePolicy, owners: &'a [UserId]) -> Vec<UserId> {
        let people = |approver: &Approver| match approver.team() {
            Some(team) => self.teams.get(team).cloned().unwrap_or_default(),
            None => UserId::new(approver.as_str()).into_iter().collect(),
        };
        let mut all: Vec<UserId> = if policy.approvers.is_empty() {
            owners.to_vec()
        } else {
            policy.approvers.iter().flat_map(people).collect()
        };
        let mut seen = std::collections::HashSet::new();
        all.retain(|person| seen.insert(person.as_str().to_ascii_lowercase()));
        all
    }

    /// Whether both have the same policy: stages, teams, branch and name. The name is a part of the policy because
    /// signed approvals contain it: a registry renamed to another registry's name would accept that registry's
    /// approvals.
    pub fn same_policy(&self, other: &Registry) -> bool {
        let policy = |registry: &Self| (registry.name.clone(), registry.branch.clone());
        policy(self) == policy(other) && (&self.stages, &self.teams) == (&other.stages, &other.teams)
    }
}
