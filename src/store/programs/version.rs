//! The minimum version of git, checked once per run.
//!
//! | feature                                               | since git |
//! |-------------------------------------------------------|-----------|
//! | `git push --atomic`                                   | 2.4       |
//! | `git push --push-option`                              | 2.10      |
//! | `--end-of-options` before names                       | 2.24      |
//! | `core.fsync`; older versions use `core.fsyncObjectFiles` | 2.36   |
//!
//! Signing commits by SSH needs git 2.34; an older git reports that itself.

use std::fmt;
use std::sync::OnceLock;

use super::call::Call;
use super::error::ProgramError;

/// A version of git: its first two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The minimum version of git.
pub(super) const LEAST: Version = Version(2, 24);

impl Version {
    /// Parses the output of `git version`; none for a vendor's other format.
    fn parse(printed: &str) -> Option<Self> {
        let mut numbers = printed.strip_prefix("git version ")?.split('.');
        Some(Self(numbers.next()?.parse().ok()?, numbers.next()?.trim_end().parse().ok()?))
    }

    fn check(self) -> Result<Self, ProgramError> {
        if self < LEAST { Err(ProgramError::OldGit { found: self }) } else { Ok(self) }
    }
}

/// The output of `git version`.
///
/// # Errors
/// [`ProgramError::NotInstalled`], [`ProgramError::OldGit`].
pub(in crate::store) fn installed() -> Result<String, ProgramError> {
    let printed = ask()?;
    Version::parse(&printed).map_or(Ok(()), |version| version.check().map(drop))?;
    Ok(printed)
}

/// Refuses a git that is too old. The version is read once per run; a git with an unknown version format is accepted.
pub(super) fn require() -> Result<Option<Version>, ProgramError> {
    static FOUND: OnceLock<Option<Version>> = OnceLock::new();
    let found = match FOUND.get() {
        Some(found) => *found,
        None => {
            let printed = ask()?;
            *FOUND.get_or_init(|| Version::parse(&printed))
        }
    };
    found.map(Version::check).transpose()
}

fn ask() -> Result<String, ProgramError> {
    Ok(Call::new("git", "git version").arg("version").run()?.success()?.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_git_is_refused_and_the_oldest_that_is_enough_is_not() {
        let check = |printed: &str| Version::parse(printed).map(Version::check);
        assert_eq!(check("git version 2.24.0"), Some(Ok(Version(2, 24))));
        assert_eq!(check("git version 2.23.9"), Some(Err(ProgramError::OldGit { found: Version(2, 23) })));
        assert_eq!(check("git version 1.99.1"), Some(Err(ProgramError::OldGit { found: Version(1, 99) })));
        assert_eq!(check("git version 3.0"), Some(Ok(Version(3, 0))));
        assert_eq!(check("git version 2.39.5 (Apple Git-154)"), Some(Ok(Version(2, 39))));
        assert_eq!(check("git version 2.47.1.windows.1"), Some(Ok(Version(2, 47))));
        assert_eq!(check("gitoxide"), None);
        let refusal = ProgramError::OldGit { found: Version(2, 20) };
        assert_eq!(refusal.to_string(), "git 2.20 is installed; modelreg needs git 2.24 or newer");
    }
}
