//! Fetching for a server: nobody is there to type a password, or to see that nothing comes.

use std::io::{Read as _, Seek as _};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::store::error::StoreError;
use crate::store::platform::process::{self, End, in_own_group};
use crate::store::repository::store::Store;

/// How often it is seen whether git is done.
const TICK: Duration = Duration::from_millis(20);
/// How long git may take to put away its lock files when it is told to end.
const GRACE: Duration = Duration::from_secs(2);

impl Store {
    /// Asks a remote for its branches, and nobody for a password. What takes longer than the limit is ended.
    pub fn fetch_unattended(&self, remote: &str, limit: Duration) -> Result<(), StoreError> {
        let failed = |message: String| StoreError::Program { program: "git fetch".into(), message };
        let io = |e: std::io::Error| failed(e.to_string());
        // A file and not a pipe: what git has started may hold it open when git is gone.
        let mut said = tempfile::tempfile().map_err(io)?;
        let mut command = self.git_command(&["fetch", "--quiet", "--prune", remote])?;
        command.env("GIT_TERMINAL_PROMPT", "0").env("SSH_ASKPASS_REQUIRE", "never");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone().map_err(io)?);
        // A group of its own, so that what git has started ends with it.
        let mut child = in_own_group(&mut command).spawn().map_err(io)?;
        let Some(status) = wait(&mut child, limit).map_err(io)? else {
            end(&mut child);
            return Err(failed(format!("no answer within {} seconds", limit.as_secs())));
        };
        if status.success() {
            return Ok(());
        }
        let mut text = Vec::new();
        said.rewind().and_then(|()| said.read_to_end(&mut text)).map_err(io)?;
        Err(failed(String::from_utf8_lossy(&text).trim().to_owned()))
    }
}

/// Waits for a program; none where it is not done in time.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        match child.try_wait()? {
            None if started.elapsed() < limit => std::thread::sleep(TICK),
            status => return Ok(status),
        }
    }
}

/// Ends a program and what it has started.
fn end(child: &mut Child) {
    process::end(child, End::Soon);
    let _ = wait(child, GRACE);
    process::end(child, End::Now);
    let _ = child.wait();
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
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
            std::thread::sleep(TICK);
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
