//! Other processes: whether a process is alive, and ending a process with its child processes.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process};

/// Whether a process with this id is alive on this machine.
pub(crate) fn is_alive(id: i32) -> bool {
    // 0 and negative ids mean groups.
    let Some(pid) = Some(id).filter(|&id| id > 0).and_then(Pid::from_raw) else { return false };
    // Any other error means that the process exists and belongs to another user.
    test_kill_process(pid) != Err(Errno::SRCH)
}

/// Makes the command start in its own process group, so that [`end`] reaches its child processes too.
pub(crate) fn in_own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// How a process is asked to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// Ask the process, which may clean up its files first.
    Soon,
    /// Immediately.
    Now,
}

/// Ends a process that was started in its own group, with its child processes.
pub(crate) fn end(child: &Child, how: End) {
    let signal = match how {
        End::Soon => Signal::TERM,
        End::Now => Signal::KILL,
    };
    // The process may have ended already.
    let _ = kill_process_group(Pid::from_child(child), signal);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_has_ended() {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        assert!(is_alive(id));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_alive(id));
        assert!(is_alive(1), "somebody else's");
        for none in [0, -1, i32::MIN] {
            assert!(!is_alive(none), "{none}");
        }
    }
}
