//! The environment of a run: the clock and the environment variables. No other file reads them.

use std::env;
use std::path::PathBuf;

use chrono::Utc;

use crate::model::{Invalid, Timestamp};
use crate::store::SettingsFiles;

/// The clock and the environment variables of a run.
#[derive(Debug, Clone)]
pub struct Environment {
    /// A fixed time, for tests and for reproducible registries.
    fixed: Option<Timestamp>,
    /// The name from git's environment variables.
    pub(super) name: Option<String>,
    /// The address from git's environment variables.
    pub(super) email: Option<String>,
    /// The places of git's settings files, from git's environment variables.
    pub(super) settings: SettingsFiles,
    /// The user's cache folder; none without a home folder.
    pub(super) cache: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`: the file for the summary of a workflow's step.
    pub step_summary: Option<PathBuf>,
    /// `MODELREG_WEBHOOK`: the address that `watch` posts to. The address can contain a secret, and every user of the
    /// machine can see arguments.
    pub webhook: Option<String>,
    /// `MODELREG_WEBHOOK_SECRET`: the key that signs the messages.
    pub(in crate::ops) webhook_secret: Option<String>,
    /// The variables that git sets for hooks.
    pub(super) hook: HookEnvironment,
}

/// The variables that git sets for hooks. Only the hook commands use them: in other commands they would redirect the
/// command to the wrong files.
#[derive(Debug, Clone, Default)]
pub(super) struct HookEnvironment {
    /// `GIT_QUARANTINE_PATH`: the folder of a push's objects until the hook accepts the push.
    pub quarantine: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index that `git commit` is about to commit.
    pub index: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's environment variables. Errors: `MODELREG_NOW` is not a valid time.
    pub fn from_process() -> Result<Self, Invalid> {
        let first =
            |keys: [&str; 2]| keys.into_iter().filter_map(|key| env::var(key).ok()).find(|v| !v.trim().is_empty());
        let fixed =
            env::var("MODELREG_NOW").ok().filter(|v| !v.is_empty()).map(|text| Timestamp::parse(&text)).transpose();
        Ok(Self {
            fixed: fixed.map_err(|e| Invalid::new(format!("MODELREG_NOW: {}", e.why), e.hint))?,
            name: first(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]),
            email: first(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]),
            settings: SettingsFiles {
                global: env::var_os("GIT_CONFIG_GLOBAL"),
                system: env::var_os("GIT_CONFIG_SYSTEM"),
                no_system: env::var("GIT_CONFIG_NOSYSTEM").is_ok_and(|value| is_on(&value)),
            },
            cache: cache_folder(),
            step_summary: env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from),
            webhook: env::var("MODELREG_WEBHOOK").ok().filter(|address| !address.is_empty()),
            webhook_secret: env::var("MODELREG_WEBHOOK_SECRET").ok().filter(|secret| !secret.is_empty()),
            hook: HookEnvironment {
                quarantine: env::var_os("GIT_QUARANTINE_PATH").map(PathBuf::from),
                index: env::var_os("GIT_INDEX_FILE").map(PathBuf::from),
            },
        })
    }

    /// `MODELREG_LOG`: the setting of the log. Read separately, because the log starts first.
    pub fn log_setting() -> Option<String> {
        env::var("MODELREG_LOG").ok().filter(|setting| !setting.is_empty())
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(|| Timestamp::from_utc(Utc::now()))
    }
}

/// The user's cache folder, by the XDG Base Directory Specification.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |key: &str| env::var_os(key).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?.join("modelreg"))
}

/// Whether git reads a variable's value as true.
fn is_on(value: &str) -> bool {
    let word = value.to_ascii_lowercase();
    matches!(word.as_str(), "true" | "yes" | "on") || word.parse::<i64>().is_ok_and(|number| number != 0)
}
