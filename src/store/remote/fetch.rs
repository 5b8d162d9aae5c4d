//! Fetching for a server, where no user can type a password or interrupt a connection that hangs.

use std::time::Duration;

use crate::model::REQUESTS;
use crate::store::error::StoreError;
use crate::store::repository::store::Store;

impl Store {
    /// The refspecs of a fetch from a remote whose configured refspecs do not fetch all branches; none for the usual
    /// configuration. A bare clone fetches no branches, and a clone of one branch fetches no requests.
    pub(super) fn missing_refspecs(&self, remote: &str) -> Result<Vec<String>, StoreError> {
        let failed = |e| StoreError::git("reading the remote's refspecs", e);
        let found = self.git()?.find_remote(remote).map_err(failed)?;
        let configured: Vec<String> =
            found.fetch_refspecs().map_err(failed)?.iter().flatten().flatten().map(str::to_owned).collect();
        let all = |what: &str| format!("+refs/heads/{what}*:refs/remotes/{remote}/{what}*");
        if configured.is_empty() {
            return Ok(vec![all("")]);
        }
        if configured.contains(&all("")) {
            return Ok(Vec::new());
        }
        Ok(configured.into_iter().chain([all(REQUESTS)]).collect())
    }

    /// Fetches a remote's branches without asking for a password. A fetch that exceeds the limit is ended.
    pub fn fetch_unattended(&self, remote: &str, limit: Duration) -> Result<(), StoreError> {
        let git = self.git_for_the_user()?.command("fetch").args(["--quiet", "--prune", "--end-of-options", remote]);
        let git = git
            .args(self.missing_refspecs(remote)?)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("SSH_ASKPASS_REQUIRE", "never");
        Ok(git.run_within(limit)?.success().map(drop)?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::store::platform::process;
    use crate::store::test_clone::Clone;

    #[test]
    fn a_remote_that_never_answers_is_given_up_and_nothing_of_it_goes_on() {
        let clone = Clone::with(&[("registry.toml", "format = 1\n")]);
        let pid = clone.path("pid");
        clone.git(&["config", "core.sshCommand", &format!("echo $$ >'{}'; sleep 1000 #", pid.display())]);
        clone.git(&["remote", "add", "origin", "ssh://example.com/x"]);
        let store = Store::discover(&clone.dir()).unwrap();
        let started = Instant::now();
        let error = store.fetch_unattended("origin", Duration::from_millis(400)).unwrap_err();
        assert_eq!(error.to_string(), "`git fetch` failed: no answer within 0 seconds");
        assert!(started.elapsed() < Duration::from_secs(10));
        let pid = clone.read("pid");
        let there = || process::is_alive(pid.trim().parse().unwrap());
        let started = Instant::now();
        while there() {
            assert!(started.elapsed() < Duration::from_secs(5), "process {pid} goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn what_git_says_is_in_the_error() {
        let clone = Clone::with(&[("registry.toml", "format = 1\n")]);
        clone.git(&["remote", "add", "origin", "nowhere"]);
        let store = Store::discover(&clone.dir()).unwrap();
        let error = store.fetch_unattended("origin", Duration::from_secs(20)).unwrap_err().to_string();
        assert!(error.contains("'nowhere' does not appear to be a git repository"), "{error}");
    }
}
