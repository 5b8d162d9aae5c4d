//! The long sweep: each of the system calls fails in turn that `main.rs` takes a sample of. It takes some minutes:
//! `cargo test --test fault-sweep`.

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
    let tests = commands::TESTS.iter().map(|(name, commands, fault)| {
        needs::trial(name, injection::missing, || sweep(commands, *fault, |_, count| (1..=count).collect()))
    });
    needs::run(tests.collect())
}
