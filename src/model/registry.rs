//! `registry.toml`: the registry, its stages and its policy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Format;
use super::name::{BranchName, StageName, TeamName};
use super::scalar::Number;
use super::text::{Checked, Invalid, Key, Line, UserId, string_type};

/// The registry, its stages and its policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// The version of the file format; this program knows 1.
    pub format: Format,
    /// What the registry is called.
    pub name: Line,
    /// The registry's branch: requests start from it and land on it, and its policy counts.
    #[serde(default = "main_branch")]
    pub branch: BranchName,
    /// Where models lie under `models/`.
    #[serde(default)]
    pub layout: Layout,
    /// Rises whenever the policy changes, so that an old policy cannot be put back.
    #[serde(default = "first_policy")]
    #[schemars(range(min = 1))]
    pub policy_version: u64,
    /// The stages a version can be in, in the order in which it passes through them.
    #[serde(default)]
    pub stages: Vec<StagePolicy>,
    /// Teams that a stage's `approvers` can name with `@`.
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

/// How models are laid out in folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `models/NAME/`
    #[default]
    Flat,
    /// `models/na/NAME/`: a folder of the name's first two characters, for registries of thousands of models.
    Sharded,
}

/// A stage, and what the policy asks of a version that enters it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// The stage's name.
    pub name: StageName,
    /// Only a version that has been in this stage may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<StageName>,
    /// Which review a transition needs.
    #[serde(default)]
    pub review: Review,
    /// How many must approve, by people other than the one who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100))]
    pub approvals: Option<u32>,
    /// People and `@teams` whose approval counts; none named means the model's owners.
    #[serde(default)]
    pub approvers: Vec<Approver>,
    /// Whether a rollback may land before its approval.
    #[serde(default)]
    pub emergency: bool,
    /// Keys that a version's manifest must have to enter, as in `lineage.code`.
    #[serde(default)]
    pub requires: Vec<KeyPath>,
    /// What a version must show to enter.
    #[serde(default)]
    pub gates: Vec<Gate>,
}

impl StagePolicy {
    /// Whether a move of this stage is a request first.
    pub fn wants_request(&self) -> bool {
        self.review != Review::None
    }

    /// Whether approvals in the journal count; elsewhere they are the forge's business, or nobody's.
    pub fn counts_approvals(&self) -> bool {
        matches!(self.review, Review::Recorded | Review::Signed)
    }

    /// How many approvals a transition needs: as `approvals` says, else one where the review counts them.
    pub fn needed_approvals(&self) -> u32 {
        match self.review {
            Review::None | Review::Forge => 0,
            Review::Recorded | Review::Signed => self.approvals.unwrap_or(1),
        }
    }
}

/// Which review a stage's transitions need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Review {
    /// A transition is committed at once.
    #[default]
    None,
    /// A request; who approved it is the forge's business.
    Forge,
    /// Approvals are entries in the journal.
    Recorded,
    /// Approvals are entries in the journal, each signed.
    Signed,
}

/// A threshold that a version's metric must meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric's key.
    pub metric: Key,
    /// The least it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// The most it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// The stage whose present version it may not fall behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_worse_than: Option<StageName>,
    /// By how much it may fall behind, in the metric's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Number>,
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
    /// Whose approval counts: a user id, or `@` and a team.
    Approver, format = "approver", check = check_approver, pattern = r"^@?[^@\s<>-][^\s<>]*$", max = 255
}

impl Approver {
    /// The team's name, where a team is meant.
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
            format!("`{path}` is no key of a version's manifest"),
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

    /// The people whose approval counts for a stage: those whom its policy names, by themselves or as a team, else the
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

    /// Whether both have the same policy: all that decides who may move what where, and where that is decided. The name is
    /// part of it, for signed approvals name the registry: under a sister's name that one's would be good here.
    pub fn same_policy(&self, other: &Registry) -> bool {
        let policy = |registry: &Self| (registry.name.clone(), registry.branch.clone());
        policy(self) == policy(other) && (&self.stages, &self.teams) == (&other.stages, &other.teams)
    }
}
