//! Faults, injected by `strace` into one system call of a command.

use std::collections::HashMap;
use std::fs;
use std::process::Output;

use crate::commands::Commands;
use crate::common::TestEnvironment;

/// The calls that fail.
pub const CALLS: [&str; 12] = [
    "write",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "fsync",
    "mkdir",
    "openat",
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    Enospc,
    Eio,
    Kill,
}

impl Fault {
    /// Runs a command in a folder with this fault at the nth of these calls. Gives whether the fault was met.
    pub fn inject(
        self,
        env: &TestEnvironment,
        dir: &str,
        (call, nth): (&str, usize),
        commands: &Commands,
    ) -> (Output, bool) {
        let how = match self {
            Self::Enospc => "error=ENOSPC",
            Self::Eio => "error=EIO",
            Self::Kill => "signal=KILL",
        };
        let options = [format!("trace={call}"), format!("inject={call}:{how}:when={nth}")];
        // Then only these calls stop the process, which is ten times faster. No signal can be sent at such a stop.
        let how = How { fast: self != Self::Kill && !commands.pushes, all: !commands.pushes };
        let (output, trace) = strace(env, dir, how, &options, commands.command);
        let met = match self {
            Self::Kill => trace.contains("killed by SIGKILL") || output.status.code().is_none(),
            _ => trace.contains("(INJECTED)"),
        };
        (output, met)
    }
}

/// How many of each call a command makes, in the process and thread that makes most of them: each has its own count of
/// the calls that it makes until a fault.
pub fn count(env: &TestEnvironment, dir: &str, commands: &Commands) -> HashMap<String, usize> {
    let how = How { fast: !commands.pushes, all: !commands.pushes };
    let (output, trace) = strace(env, dir, how, &[format!("trace={}", CALLS.join(","))], commands.command);
    assert!(output.status.success(), "{}", env.shown(commands.command, &output));
    let mut of_thread: HashMap<(String, String), usize> = HashMap::new();
    for line in trace.lines() {
        let line = if how.all { line.to_owned() } else { format!("0 {line}") };
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        if let Some((call, _)) = rest.trim_start().split_once('(') {
            *of_thread.entry((thread.to_owned(), call.to_owned())).or_default() += 1;
        }
    }
    let mut most: HashMap<String, usize> = HashMap::new();
    for ((_, call), count) in of_thread {
        let most = most.entry(call).or_default();
        *most = count.max(*most);
    }
    most
}

/// Why faults cannot be injected here; none where they can.
pub fn missing() -> Option<String> {
    let env = TestEnvironment::new();
    let tried = env
        .program(".", "strace")
        .args(["-f", "--seccomp-bpf", "-o", "trace", "-e", "trace=openat", "-e", "inject=openat:error=EIO:when=999"])
        .arg("true")
        .output();
    match tried {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("strace, which does not work: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(_) => Some("strace".to_owned()),
    }
}

/// How `strace` watches a command.
#[derive(Clone, Copy)]
struct How {
    fast: bool,
    /// Whether the faults also meet threads and the programs that the command runs. A command that pushes runs git on both
    /// sides; only its own calls fail.
    all: bool,
}

fn strace(env: &TestEnvironment, dir: &str, how: How, options: &[String], command: &[&str]) -> (Output, String) {
    let mut strace = env.program(dir, "strace");
    strace.args(["-qq", "-o"]).arg(env.path("trace"));
    if how.all {
        strace.arg("-f");
    }
    if how.fast {
        strace.arg("--seccomp-bpf");
    }
    for option in options {
        strace.args(["-e", option]);
    }
    let output = strace.arg(env!("CARGO_BIN_EXE_modelreg")).args(command).output().unwrap();
    let trace = String::from_utf8_lossy(&fs::read(env.path("trace")).unwrap()).into_owned();
    (output, trace)
}
