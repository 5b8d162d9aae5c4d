//! The checks of the string types in [`crate::model`], by the `format` in their JSON Schemas.

use crate::model::invisible::first_hidden;
use crate::model::registry::{Approver, KeyPath};
use crate::model::{
    AliasName, ArtifactPath, ArtifactUri, BranchName, Checked, CommitId, Digest, Key, Line, Link, ModelName,
    RepositoryUrl, Scalar, StageName, TeamName, Text, UserId,
};

type Check = fn(&str) -> Checked;

/// Every string format, with its check.
const CHECKS: [(&str, Check); 18] = [
    (Text::FORMAT, Text::check),
    (Scalar::FORMAT, Text::check),
    (Line::FORMAT, Line::check),
    (Key::FORMAT, Key::check),
    (UserId::FORMAT, UserId::check),
    (ModelName::FORMAT, ModelName::check),
    (StageName::FORMAT, StageName::check),
    (AliasName::FORMAT, AliasName::check),
    (TeamName::FORMAT, TeamName::check),
    (BranchName::FORMAT, BranchName::check),
    (Digest::FORMAT, Digest::check),
    (CommitId::FORMAT, CommitId::check),
    (ArtifactUri::FORMAT, ArtifactUri::check),
    (Link::FORMAT, Link::check),
    (RepositoryUrl::FORMAT, RepositoryUrl::check),
    (ArtifactPath::FORMAT, ArtifactPath::check),
    (Approver::FORMAT, Approver::check),
    (KeyPath::FORMAT, KeyPath::check),
];

/// Checks a string against a format. Formats of other types accept every string.
pub(super) fn check(format: &str, text: &str) -> Checked {
    CHECKS.iter().find(|(name, _)| *name == format).map_or(Ok(()), |(_, check)| check(text))
}

/// Whether a string contains control or invisible characters other than line ends and tabs.
pub(super) fn is_unsafe_text(text: &str) -> bool {
    text.split(['\n', '\t']).any(|part| first_hidden(part).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileKind, Finite, Format, Number, Timestamp, schema::schema};
    use serde_json::Value;

    fn formats(schema: &Value, found: &mut Vec<String>) {
        if let Some(Value::String(format)) = schema.get("format") {
            found.push(format.clone());
        }
        match schema {
            Value::Object(map) => map.values().for_each(|value| formats(value, found)),
            Value::Array(items) => items.iter().for_each(|value| formats(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_format_of_the_schemas_has_a_check() {
        let elsewhere =
            [Format::FORMAT, Number::FORMAT, Finite::FORMAT, Timestamp::FORMAT, "uint64", "uint32", "int64"];
        let mut found = Vec::new();
        FileKind::ALL.iter().for_each(|kind| formats(schema(*kind), &mut found));
        for format in found.iter().map(String::as_str).filter(|format| !elsewhere.contains(format)) {
            assert!(CHECKS.iter().any(|(name, _)| *name == format), "{format}");
        }
    }
}
