//! System settings for a server.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files to `wanted` if possible. Returns the limit.
pub(crate) fn open_files(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(given) = current else { return usize::MAX };
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX).min(maximum.unwrap_or(u64::MAX));
    let raised = given < wanted && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    usize::try_from(if raised { wanted } else { given }).unwrap_or(usize::MAX)
}

/// Makes the system end a connection whose client has stopped reading or has disappeared. Only Linux supports this;
/// elsewhere the connection stays until the client ends it.
pub(crate) fn end_when_stalled(stream: &impl AsFd, patience: Duration) {
    #[cfg(target_os = "linux")]
    {
        let patience = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, patience);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, patience);
}

/// Waits for the signal by which a service manager ends a program.
pub(crate) async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        // Without a handler the signal ends the process by itself.
        Err(_) => std::future::pending().await,
    }
}
