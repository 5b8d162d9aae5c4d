//! The statement that the requester and each approver sign: one line of text per fact, `key: value`, in a fixed order.
//!
//! The statement contains the move and its position in the journal. So an approval is valid for one move only, and not
//! for the same move a second time. The version is identified by its number and the digest of its facts: a comment that
//! is added to the manifest later keeps the signature valid, another artifact under the same number does not.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::name::StageName;
use super::stage::{Approval, Move};
use super::text::Line;
use super::version::Manifest;

/// What a signature is for. A signature for another purpose does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The requester asks for the move.
    Request,
    /// An approver approves the move.
    Approval,
}

impl Purpose {
    /// The namespace of the signatures (`ssh-keygen -n`).
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Request => "modelreg-request@v1",
            Self::Approval => "modelreg-approval@v1",
        }
    }

    /// The purpose in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "a request",
            Self::Approval => "an approval",
        }
    }
}

/// The statement of a request or an approval. `to_string` gives the text that is signed.
///
/// ```
/// use modelreg::model::snapshot::read_text;
/// use modelreg::model::{Digest, Line, Stage, StageName, Statement};
///
/// let stage: Stage = read_text(
///     "format = 1\nstage = 'Production'\nversion = 2\n\
///      [[history]]\nat = 2026-01-05T09:00:00Z\nby = 'ada@example.com'\naction = 'promote'\nversion = 2\n\
///      [[history.approvals]]\nby = 'lead@example.com'\nat = 2026-01-05T10:30:00Z\n",
///     "production.toml",
/// )?;
/// let entry = &stage.history[0];
/// let statement = Statement {
///     registry: &Line::new("acme")?,
///     model: "iris",
///     stage: &StageName::new("Production")?,
///     place: 1,
///     entry,
///     facts: &Digest::from_bytes(&[0; 32]),
///     approval: Some(&entry.approvals[0]),
/// };
/// let text = statement.to_string();
/// assert!(text.starts_with("modelreg-approval@v1\nregistry: \"acme\"\nmodel: iris\n"));
/// assert!(text.contains("\nversion: 2\nfrom: none\nbeside: []\n"));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The registry's name.
    pub registry: &'a Line,
    /// The model's name at the time of the approval.
    pub model: &'a str,
    /// The stage.
    pub stage: &'a StageName,
    /// The position of the move in the stage's journal, from 1.
    pub place: usize,
    /// The move.
    pub entry: &'a Move,
    /// The digest of the version's facts.
    pub facts: &'a Digest,
    /// The approver, the time and the comment; none for the statement of the requester.
    pub approval: Option<&'a Approval>,
}

impl Statement<'_> {
    /// What the statement's signature is for.
    pub fn purpose(&self) -> Purpose {
        if self.approval.is_some() { Purpose::Approval } else { Purpose::Request }
    }
}

/// A text as a JSON string on one line, so that a value cannot forge another line.
fn quoted(text: Option<&str>) -> String {
    serde_json::Value::from(text).to_string()
}

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, model, stage, place, entry, facts, approval } = self;
        let from = entry.from.map_or("none".to_owned(), |version| version.to_string());
        writeln!(f, "{}", self.purpose().namespace())?;
        writeln!(f, "registry: {}", quoted(Some(registry.as_str())))?;
        writeln!(f, "model: {model}")?;
        writeln!(f, "stage: {stage}")?;
        writeln!(f, "entry: {place}")?;
        writeln!(f, "at: {}", entry.at)?;
        writeln!(f, "by: {}", quoted(Some(entry.by.as_str())))?;
        writeln!(f, "action: {}", entry.action.word())?;
        writeln!(f, "version: {}", entry.version)?;
        writeln!(f, "from: {from}")?;
        // All that the move does is in the text: also which other versions stay in the stage.
        writeln!(f, "beside: {}", serde_json::Value::from(entry.beside.as_slice()))?;
        writeln!(f, "reason: {}", quoted(entry.reason.as_ref().map(|reason| reason.as_str())))?;
        writeln!(f, "emergency: {}", entry.emergency)?;
        writeln!(f, "facts: {facts}")?;
        let Some(approval) = approval else { return Ok(()) };
        writeln!(f, "approved-by: {}", quoted(Some(approval.by.as_str())))?;
        writeln!(f, "approved-at: {}", approval.at)?;
        writeln!(f, "comment: {}", quoted(approval.comment.as_ref().map(|comment| comment.as_str())))
    }
}

impl Manifest {
    /// The digest of the facts: SHA-256 over their JSON without spaces, with sorted keys and without absent keys.
    pub fn facts_digest(&self) -> Digest {
        let facts = serde_json::to_value(self.facts()).map(sorted).unwrap_or_default();
        Digest::from_bytes(&Sha256::digest(facts.to_string()).into())
    }
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Text, Timestamp, UserId};

    fn manifest() -> Manifest {
        crate::model::strict::from_toml(
            "format = 1\nversion = 9\ncreated_at = 2022-01-28T13:11:14Z\ncreated_by = \"ada@example.com\"\n\
             [artifact]\nuri = \"s3://models/iris/9\"\n[metrics]\naccuracy = 0.9\n",
        )
        .unwrap()
    }

    fn person(address: &str) -> UserId {
        UserId::new(address).unwrap()
    }

    #[test]
    fn the_facts_digest_is_that_of_what_cannot_change() {
        let mut other = manifest();
        other.description = Some(Text::new("later").unwrap());
        other.archived = Some(true);
        assert_eq!(other.facts_digest(), manifest().facts_digest());
        other.version = 10;
        assert_ne!(other.facts_digest(), manifest().facts_digest());
        // Whoever changes this breaks every signature that was ever made.
        assert_eq!(
            manifest().facts_digest().as_str(),
            "sha256:44ac980b41457bd4e7cf9970fb65b955c24d46a755c544a8018c098d180c1221"
        );
    }

    #[test]
    fn no_text_can_pass_for_another_line() {
        let at = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let entry = Move {
            at,
            by: person("ada@example.com"),
            action: Action::Promote,
            version: 9,
            from: None,
            beside: vec![3, 8],
            reason: Some(Text::new("good\nversion: 10").unwrap()),
            emergency: false,
            request: None,
            signature: None,
            approvals: Vec::new(),
        };
        let approval = Approval { by: person("lead@example.com"), at, comment: None, signature: None };
        let (registry, stage) = (Line::new("acme").unwrap(), StageName::new("Production").unwrap());
        let facts = manifest().facts_digest();
        let statement = Statement {
            registry: &registry,
            model: "iris",
            stage: &stage,
            place: 3,
            entry: &entry,
            facts: &facts,
            approval: Some(&approval),
        };
        let text = statement.to_string();
        assert_eq!(text.lines().count(), 17);
        assert!(text.contains("\nfrom: none\nbeside: [3,8]\nreason: "), "{text}");
        assert!(text.contains("\nreason: \"good\\nversion: 10\"\n"), "{text}");
        assert!(
            text.starts_with("modelreg-approval@v1\nregistry: \"acme\"\nmodel: iris\nstage: Production\nentry: 3\n")
        );
        // The requester signs the same lines up to the facts, for another purpose.
        let asked = Statement { approval: None, ..statement }.to_string();
        let same: Vec<&str> = text.lines().skip(1).take(13).collect();
        assert_eq!(asked.lines().next(), Some("modelreg-request@v1"));
        assert_eq!(asked.lines().skip(1).collect::<Vec<_>>(), same);
    }
}
