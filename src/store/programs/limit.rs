//! Ending a program and its child processes at a time limit.

use std::io::{Read as _, Seek as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::store::platform::process::{End, end, in_own_group};

/// The interval of checking whether the program has ended.
const TICK: Duration = Duration::from_millis(20);
/// The time for git to remove its lock files when asked to end.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a program. Returns its status and its standard error; none at the time limit.
pub(super) fn run(command: &mut Command, limit: Duration) -> std::io::Result<Option<(ExitStatus, Vec<u8>)>> {
    // A file instead of a pipe, because child processes may keep a pipe open after the program has ended.
    let mut stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr.try_clone()?);
    // A group of its own, so that child processes end with the program.
    let mut child = in_own_group(command).spawn()?;
    let Some(status) = wait(&mut child, limit)? else {
        end_gently(&mut child);
        return Ok(None);
    };
    let mut text = Vec::new();
    stderr.rewind()?;
    stderr.read_to_end(&mut text)?;
    Ok(Some((status, text)))
}

/// Waits for a program; none if the program has not ended in time.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        match child.try_wait()? {
            None if started.elapsed() < limit => std::thread::sleep(TICK),
            status => return Ok(status),
        }
    }
}

/// Ends a program and its child processes, first by asking.
fn end_gently(child: &mut Child) {
    end(child, End::Soon);
    let _ = wait(child, GRACE);
    end(child, End::Now);
    let _ = child.wait();
}
