//! One system call fails, or the process is killed at it. Here a sample of what `sweep.rs` runs whole:
//! `cargo test --test fault-sweep`.
//!
//! After each: the branch is at before or after, git finds nothing wrong, the exit status tells the truth, and the same
//! command run once more leaves everything as it should be.
//!
//! `strace` injects the faults. Where it cannot, the tests are ignored.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod case;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod injection;
#[path = "../common/needs.rs"]
mod needs;

use std::process::ExitCode;

use case::sweep;

fn main() -> ExitCode {
    let tests = commands::TESTS.iter().enumerate().map(|(number, (name, commands, fault))| {
        // Two calls of each name. The tests together take early and late ones.
        let pick = move |call: &str, count| {
            let first = (number * 5 + call.len() * 3) % count;
            let second = (first + count / 2) % count;
            if first == second { vec![first + 1] } else { vec![first + 1, second + 1] }
        };
        needs::trial(name, injection::missing, move || sweep(commands, *fault, pick))
    });
    needs::run(tests.collect())
}
