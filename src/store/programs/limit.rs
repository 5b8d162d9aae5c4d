//! Ending a program, and all that it has started, when its time is over.

use std::io::{Read as _, Seek as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::store::platform::process::{End, end, in_own_group};

/// How often it is looked whether the program has ended.
const TICK: Duration = Duration::from_millis(20);
/// How long git may take to put away its lock files when it is told to end.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a program, and gives its status and what it wrote to its standard error; none where the limit was over.
pub(super) fn run(command: &mut Command, limit: Duration) -> std::io::Result<Option<(ExitStatus, Vec<u8>)>> {
    // A file and not a pipe: what the program has started may hold it open when the program is gone.
    let mut said = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?);
    // A group of its own, so that what the program has started ends with it.
    let mut child = in_own_group(command).spawn()?;
    let Some(status) = wait(&mut child, limit)? else {
        end_gently(&mut child);
        return Ok(None);
    };
    let mut text = Vec::new();
    said.rewind()?;
    said.read_to_end(&mut text)?;
    Ok(Some((status, text)))
}

/// Waits for a program; none where it has not ended in time.
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
fn end_gently(child: &mut Child) {
    end(child, End::Soon);
    let _ = wait(child, GRACE);
    end(child, End::Now);
    let _ = child.wait();
}
