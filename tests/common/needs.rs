//! Tests that need a program which not every machine has. If the program is not installed, the test is shown as ignored, with
//! the reason. The tests are listed by hand: the standard harness cannot decide at run time that a test is ignored.

#![allow(dead_code, reason = "each test binary takes what it needs of this")]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Trial};

/// A test that runs if `missing` returns nothing.
pub fn trial(
    name: &str,
    missing: impl Fn() -> Option<String> + Send + 'static,
    test: impl Fn() + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || match missing() {
        Some(what) => Ok(Completion::ignored_with(format!("needs {what}"))),
        None => {
            test();
            Ok(Completion::Completed)
        }
    })
}

/// The first of these programs that is neither on the PATH nor in the folders of daemons.
pub fn missing(programs: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]).collect();
    let absent = |program: &&&str| !folders.iter().any(|folder| folder.join(program).is_file());
    programs.iter().find(absent).map(|program| (*program).to_owned())
}

/// Runs the tests, with the arguments of the standard harness.
pub fn run(trials: Vec<Trial>) -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
