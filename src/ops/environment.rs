//! The one place where the clock, the identity and the environment come in.

use std::env;
use std::path::PathBuf;

use chrono::Utc;

use crate::model::{Invalid, Timestamp};
use crate::store::SettingsFiles;

/// What a run takes from around it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// A fixed clock, for tests and for making registries that are the same every time.
    fixed: Option<Timestamp>,
    /// The name that git's environment gives.
    pub(super) name: Option<String>,
    /// The address that git's environment gives.
    pub(super) email: Option<String>,
    /// Where git's environment says that the user's and the machine's settings are.
    pub(super) settings: SettingsFiles,
    /// The folder of what this user's runs remember; none where there is no home.
    pub(super) cache: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`: the file to which a step of a workflow adds what its summary shows.
    pub step_summary: Option<PathBuf>,
    /// `MODELREG_WEBHOOK`: the address that `watch` posts to. It can hold a secret, and arguments are seen by everybody.
    pub webhook: Option<String>,
    /// `MODELREG_WEBHOOK_SECRET`: what its messages are signed with.
    pub(in crate::ops) webhook_secret: Option<String>,
    /// What git tells its hooks.
    pub(super) hook: HookEnvironment,
}

/// Where git tells its hooks to look. Only the hooks obey these: anywhere else they would turn a command to other files
/// than those that it names.
#[derive(Debug, Clone, Default)]
pub(super) struct HookEnvironment {
    /// `GIT_QUARANTINE_PATH`: where the objects of a push are until the hook has agreed.
    pub quarantine: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: what `git commit` is about to commit.
    pub index: Option<PathBuf>,
}

impl Environment {
    /// Reads the process's environment: `MODELREG_NOW`, and the identity and the places of the settings as git
    /// reads them.
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

    /// `MODELREG_LOG`: what the log shows. It is asked for by itself, for the log begins before everything else.
    pub fn log_setting() -> Option<String> {
        env::var("MODELREG_LOG").ok().filter(|setting| !setting.is_empty())
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(|| Timestamp::from_utc(Utc::now()))
    }
}

/// The user's cache, as the XDG Base Directory Specification says.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |key: &str| env::var_os(key).map(PathBuf::from).filter(|path| path.is_absolute());
    Some(absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?.join("modelreg"))
}

/// Whether git takes a variable's value for yes.
fn is_on(value: &str) -> bool {
    let word = value.to_ascii_lowercase();
    matches!(word.as_str(), "true" | "yes" | "on") || word.parse::<i64>().is_ok_and(|number| number != 0)
}
