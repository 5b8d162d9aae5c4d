//! Git servers as teams have them: a path, smart HTTP behind nginx with passwords, and sshd. Each is the test's own, on
//! loopback. Where the programs are not installed the tests say so and pass, except with `CI=true`.

mod forges;
mod http;
mod ssh;
mod story;

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A server that ends with the test, and all that it has started.
struct Server(Vec<Child>);

impl Server {
    /// Starts each in a process group of its own: to kill the first process of some leaves the others.
    fn start(commands: impl IntoIterator<Item = Command>) -> Self {
        let start = |mut command: Command| {
            command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        Self(commands.into_iter().map(start).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
            let _ = killpg(group, Signal::SIGKILL);
            let _ = child.wait();
        }
    }
}

/// Whether a program is there; in CI it must be.
#[allow(clippy::print_stderr, reason = "who runs the tests should know")]
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "{program} must be installed in CI");
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing listens on {port}");
        sleep(Duration::from_millis(20));
    }
}
