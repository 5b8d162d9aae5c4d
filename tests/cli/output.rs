//! If writing to standard output fails, the commit stays.

use std::fs::File;
use std::process::Stdio;

use crate::common::TestEnvironment;

const REGISTER: [&str; 4] = ["register", "iris", "--artifact", "s3://models/iris/3"];

#[test]
fn a_full_standard_output_does_not_make_a_commit_fail() {
    let env = TestEnvironment::with_model();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let status = env.modelreg("reg", &REGISTER).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.assert_clean("reg");
}

#[test]
fn a_closed_standard_output_does_not_make_a_commit_fail() {
    let env = TestEnvironment::with_model();
    let program = env!("CARGO_BIN_EXE_modelreg");
    let script = format!("'{program}' register iris --artifact s3://models/iris/3 >&- 2>&-");
    let status = env.program("reg", "sh").args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let script = format!("'{program}' register iris --artifact s3://models/iris/4 <&- >&- 2>&-");
    let status = env.program("reg", "sh").args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3, 4]);
    env.assert_clean("reg");
}

#[test]
fn a_closed_pipe_does_not_make_a_commit_fail() {
    let env = TestEnvironment::with_model();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = env.modelreg("reg", &REGISTER).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(env.versions("reg", "main", "iris"), [1, 2, 3]);
    env.assert_clean("reg");
}

#[test]
fn a_query_without_an_output_fails() {
    let env = TestEnvironment::with_model();
    let full = Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let output = env.modelreg("reg", &["schema", "registry"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", env.shown(&["schema"], &output));
}
