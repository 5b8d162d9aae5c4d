//! Arguments that several commands have in common.

use clap::{Args, ValueEnum};

use crate::model::{Invalid, ModelName, Text};

/// A version, by its number.
#[derive(Debug, Args)]
pub(super) struct VersionArgs {
    /// The registered model's name
    #[arg(value_parser = parsed::<ModelName>)]
    pub model: ModelName,
    /// The version's number
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub version: u64,
}

/// Where a change is committed to.
#[derive(Debug, Args)]
pub(super) struct WriteArgs {
    /// Commit to this branch instead of the one that is checked out
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
}

/// Whether what is committed is pushed.
#[derive(Debug, Args)]
pub(super) struct PushArgs {
    /// Push it, and succeed only when the remote has it; on a lost race fetch, judge again and retry
    #[arg(long)]
    pub push: bool,
}

/// What is looked at, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Look at this commit, branch or tag instead of what is checked out
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// How an answer is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// Documented and stable, for programs
    Json,
}

/// Reads an argument of a checked type; a refusal says the hint too.
pub(super) fn parsed<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: Invalid| format!("{}; {}", e.why, e.hint))
}

/// Reads prose: what a shell gives, with `\r\n` made one newline.
pub(super) fn prose(text: &str) -> Result<Text, String> {
    let text = text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err("it is empty; say it in a few words".into());
    }
    parsed(&text)
}

/// Reads `KEY=VALUE`.
pub(super) fn pair<K, V>(text: &str, value: impl Fn(&str) -> Result<V, String>) -> Result<(K, V), String>
where
    K: std::str::FromStr<Err = Invalid>,
{
    let (key, rest) = text.split_once('=').ok_or("there is no `=` in it; write KEY=VALUE")?;
    Ok((parsed(key)?, value(rest)?))
}
