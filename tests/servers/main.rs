//! Common git servers: a path, smart HTTP behind nginx with passwords, and sshd. Each test starts its own server,
//! on loopback. A test whose programs are not installed is ignored.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

#[path = "../common/mod.rs"]
mod common;
mod http;
#[path = "../common/needs.rs"]
mod needs;
mod ssh;
mod story;
#[path = "../common/team.rs"]
mod team;

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A server that ends with the test, together with all processes that it has started.
struct Server(Vec<Child>);

impl Server {
    /// Starts each server in its own process group: some servers leave processes behind when only the first is killed.
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

/// A free port.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    common::wait_until("a server listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
}

fn main() -> ExitCode {
    let http = || needs::missing(&["nginx", "fcgiwrap"]);
    needs::run(vec![
        needs::trial("over_a_path", || None, story::over_a_path),
        needs::trial("over_http_with_passwords", http, http::over_http_with_passwords),
        needs::trial(
            "safety_19_a_refused_password_is_told_without_the_password",
            http,
            http::safety_19_a_refused_password_is_told_without_the_password,
        ),
        needs::trial(
            "without_a_program_the_page_is_printed_and_its_address_can_be_recorded",
            http,
            http::without_a_program_the_page_is_printed_and_its_address_can_be_recorded,
        ),
        needs::trial("over_ssh", || needs::missing(&["sshd"]), ssh::over_ssh),
    ])
}
