//! A small registry that breaks no rule, for tests to break.

use crate::model::EntryKind;
use crate::model::tree::memory::MemoryTree;

/// A registry of one model, `iris`, with three versions: 3 in Staging, 2 in Production.
pub(super) fn sample() -> MemoryTree {
    MemoryTree::default()
        .with("README.md", "Our models.\n")
        .with("registry.toml", REGISTRY)
        .with("models/iris/model.toml", MODEL)
        .with("models/iris/versions/1.toml", &manifest(1))
        .with("models/iris/versions/2.toml", &manifest(2))
        .with("models/iris/versions/3.toml", &manifest(3))
        .with("models/iris/stages/staging.toml", STAGING)
        .with("models/iris/stages/production.toml", PRODUCTION)
}

const REGISTRY: &str = r#"format = 1
name = "acme-models"
branch = "main"
layout = "flat"
policy_version = 1

[[stages]]
name = "Staging"

[[stages]]
name = "Production"
after = "Staging"
review = "recorded"
approvals = 1
approvers = ["@ml-leads", "boss@example.com"]

[[stages.gates]]
metric = "accuracy"
min = 0.5
max = 1

[[stages.gates]]
metric = "loss"
not_worse_than = "Production"
tolerance = 0.0
goal = "lower"

[teams]
ml-leads = ["lead@example.com"]
"#;

const MODEL: &str = r#"format = 1
name = "iris"
project = "flowers"
description = "Which iris it is"
owners = ["ada@example.com"]
created_at = 2022-01-01T00:00:00Z
created_by = "ada@example.com"
updated_at = 2022-01-05T00:00:00Z
updated_by = "ada@example.com"
former_names = ["flowers"]

[tags]
team = "botany"

[aliases]
champion = 2
"#;

/// The manifest of a version, registered on the day of its number.
fn manifest(number: u64) -> String {
    let parent = if number > 1 { format!("parent = \"models:/iris/{}\"\n", number - 1) } else { String::new() };
    format!(
        r#"format = 1
version = {number}
created_at = 2022-01-0{number}T00:00:00Z
created_by = "ada@example.com"
project = "flowers"
environment = "laptop"
description = "Version {number}"
updated_at = 2022-01-09T00:00:00Z
updated_by = "ada@example.com"

[artifact]
uri = "s3://models/iris/{number}"
flavor = "sklearn"
size = 3
digest = "{ROOT}"

[[artifact.files]]
path = "a/b"
size = 1
digest = "{A}"

[[artifact.files]]
path = "c"
size = 2
digest = "{C}"

[lineage]
run_id = "run-{number}"
{parent}code = {{ repository = "https://example.com/iris.git", commit = "abcdef1" }}

[params]
depth = 3

[metrics]
accuracy = 0.9

[tags]
note = "fine"

[[comments]]
at = 2022-01-10T00:00:00Z
by = "ada@example.com"
text = "good"

[[comments]]
at = 2022-01-10T00:00:00Z
by = "bob@example.com"
text = "very"
"#
    )
}

/// A closed request of a day in January 2022.
pub(super) fn closed_request(day: u8) -> String {
    format!(
        "\n[[closed_requests]]\nat = 2022-01-{day}T00:00:00Z\nby = \"lead@example.com\"\noutcome = \"rejected\"\nstage = \"Production\"\naction = \"promote\"\nrequested_at = 2022-01-10T00:00:00Z\nrequested_by = \"ada@example.com\"\nreason = \"too slow\"\n"
    )
}

/// The digest of the sample's first file.
pub(super) const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The digest of the sample's second file.
pub(super) const C: &str = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
/// The digest of the two files together: `printf 'aa..cc..' | xxd -r -p | sha256sum`.
pub(super) const ROOT: &str = "sha256:f43c04e29f6ebc1bdde7ad58c50989c26226712208d535750d885abefbcac3f8";

const STAGING: &str = r#"format = 1
stage = "Staging"
version = 3
beside = [1]

[[history]]
at = 2022-02-01T00:00:00Z
by = "ada@example.com"
action = "promote"
version = 1

[[history]]
at = 2022-02-02T00:00:00Z
by = "ada@example.com"
action = "promote"
version = 2
from = 1
beside = [1]

[[history]]
at = 2022-02-03T00:00:00Z
by = "ada@example.com"
action = "promote"
version = 3
from = 2
beside = [1]
"#;

const PRODUCTION: &str = r#"format = 1
stage = "Production"
version = 2

[[history]]
at = 2022-02-04T00:00:00Z
by = "ada@example.com"
action = "promote"
version = 1

[[history.approvals]]
by = "lead@example.com"
at = 2022-02-04T01:00:00Z

[[history]]
at = 2022-02-05T00:00:00Z
by = "ada@example.com"
action = "promote"
version = 2
from = 1

[[history.approvals]]
by = "lead@example.com"
at = 2022-02-05T00:00:00Z
"#;

impl MemoryTree {
    /// The tree with one text in a file replaced by another: the first there is, for tests put it where it counts.
    pub(super) fn edit(mut self, path: &str, from: &str, to: &str) -> Self {
        let (_, bytes) = self.0.get_mut(path).unwrap_or_else(|| panic!("no {path}"));
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        *bytes = text.replacen(from, to, 1).into_bytes();
        self
    }

    /// The tree with something at a path, or of another kind than it was.
    pub(super) fn kind(mut self, path: &str, kind: EntryKind) -> Self {
        self.0.entry(path.into()).or_insert((kind, Vec::new())).0 = kind;
        self
    }

    /// The tree without a file.
    pub(super) fn without(mut self, path: &str) -> Self {
        self.0.remove(path).unwrap_or_else(|| panic!("no {path}"));
        self
    }
}
