//! Arguments that several commands share.

use clap::{Args, ValueEnum};

use crate::model::{Invalid, ModelName, Text};

/// A version, given by model and number.
#[derive(Debug, Args)]
pub(super) struct VersionArgs {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    pub model: ModelName,
    /// The version's number
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub version: u64,
}

/// How a change is committed.
#[derive(Debug, Args)]
pub(super) struct WriteArgs {
    /// Commit to this branch instead of the checked-out one
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    #[command(flatten)]
    pub commit: CommitArgs,
}

/// Whether a commit is pushed, and the output format.
#[derive(Debug, Args)]
pub(super) struct CommitArgs {
    #[command(flatten)]
    pub push: PushArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Whether a commit is pushed.
#[derive(Debug, Args)]
pub(super) struct PushArgs {
    /// Push the commit, and succeed only when the remote has it; on a lost race fetch, check again and retry [default:
    /// git's `modelreg.push`]
    #[arg(long, overrides_with = "no_push")]
    push: bool,
    /// Do not push, even if git's `modelreg.push` is true
    #[arg(long)]
    no_push: bool,
}

impl PushArgs {
    /// The user's choice; none if git's configuration decides.
    pub fn choice(&self) -> Option<bool> {
        (self.push || self.no_push).then_some(self.push)
    }
}

/// The commit that a query reads, and its output format.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Read this commit, branch or tag instead of the checked-out one
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The output format of a query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// Documented and stable, for programs
    Json,
}

/// Parses an argument of a checked type; the error contains the hint.
pub(super) fn parsed<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: Invalid| format!("{}; {}", e.why, e.hint))
}

/// Parses prose, with `\r\n` replaced by a newline.
pub(super) fn prose(text: &str) -> Result<Text, String> {
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err("the text is empty; write a few words".into());
    }
    parsed(&text)
}

/// Parses `KEY=VALUE`.
pub(super) fn pair<K, V>(text: &str, value: impl Fn(&str) -> Result<V, String>) -> Result<(K, V), String>
where
    K: std::str::FromStr<Err = Invalid>,
{
    let (key, rest) = text.split_once('=').ok_or("`=` is missing; write KEY=VALUE")?;
    Ok((parsed(key)?, value(rest)?))
}
