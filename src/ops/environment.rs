//! The one place where the clock, the identity and the environment come in.

use std::env;

use chrono::Utc;

use crate::model::{Invalid, Timestamp};

/// What a run takes from around it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// A fixed clock, for tests and for making registries that are the same every time.
    fixed: Option<Timestamp>,
    /// The name that git's environment gives.
    pub(super) name: Option<String>,
    /// The address that git's environment gives.
    pub(super) email: Option<String>,
}

impl Environment {
    /// Reads the process's environment: `MODELREG_NOW`, and the identity as git reads it.
    pub fn from_process() -> Result<Self, Invalid> {
        let first =
            |keys: [&str; 2]| keys.into_iter().filter_map(|key| env::var(key).ok()).find(|v| !v.trim().is_empty());
        let fixed =
            env::var("MODELREG_NOW").ok().filter(|v| !v.is_empty()).map(|text| Timestamp::parse(&text)).transpose();
        Ok(Self {
            fixed: fixed.map_err(|e| Invalid::new(format!("MODELREG_NOW: {}", e.why), e.mend))?,
            name: first(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]),
            email: first(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]),
        })
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(|| Timestamp::from_utc(Utc::now()))
    }
}
