//! The scripts of the workflow and the pipeline that `init` writes, run as the forges run them.

use std::fs;

use crate::common::TestEnvironment;

const WORKFLOW: &str = "reg/.github/workflows/modelreg.yml";
const PIPELINE: &str = "reg/.gitlab-ci.yml";

/// The last block of lines after a key with `|` in a YAML file, without the indentation.
fn block(text: &str, key: &str) -> String {
    let (_, rest) = text.rsplit_once(&format!("{key} |\n")).unwrap();
    let indent = rest.len() - rest.trim_start().len();
    let lines = rest.lines().take_while(|line| line.len() - line.trim_start().len() >= indent);
    lines.map(|line| format!("{}\n", &line[indent..])).collect()
}

/// Runs a script in `reg`, as a job with these variables. Returns the output and the exit status.
fn job(env: &TestEnvironment, script: &str, variables: &[(&str, &str)]) -> String {
    let program = env.modelreg(".", &[]).get_program().to_owned();
    let bin = std::path::Path::new(&program).parent().unwrap().display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = env.program("reg", "bash");
    let output = command.args(["-e", "-c", script]).env("PATH", path).envs(variables.iter().copied()).output().unwrap();
    env.shown(&["(script)"], &output)
}

/// A registry whose `main` is on a remote. The checked-out branch `side` edits a fact.
fn registry() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.git(".", &["init", "--quiet", "--bare", "-b", "main", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["push", "--quiet", "origin", "main"]);
    env.git("reg", &["switch", "--quiet", "-c", "side"]);
    let file = "reg/models/iris/versions/1.toml";
    env.write(file, &env.read(file).replace("s3://models/iris/1", "s3://models/iris/x"));
    env.git("reg", &["commit", "--quiet", "-am", "edit"]);
    env
}

#[test]
fn the_workflow_validates_pushes_and_pull_requests() {
    let env = registry();
    let script = block(&env.read(WORKFLOW), "run:");
    let run = |event, reference, before: &str| {
        let variables = [("EVENT", event), ("REF", reference), ("BEFORE", before), ("BRANCH", "main"), ("FOLDER", ".")];
        job(&env, &script, &variables)
    };
    let (none, main) = ("0".repeat(40), env.tip("reg", "main"));
    let annotated = "::error file=models/iris/versions/1.toml,line=8,";
    let failed = |said: String| {
        assert!(said.contains(annotated) && said.contains("fact-changed") && said.ends_with("status 1\n"), "{said}");
    };
    let passed = |said: String| assert!(said.ends_with("status 0\n"), "{said}");
    failed(run("push", "side", &none));
    failed(run("push", "main", &main));
    env.git("reg", &["switch", "--quiet", "--detach", "main"]);
    passed(run("push", "main", &none));
    passed(run("push", "main", &main));
    env.git("reg", &["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    failed(run("pull_request", "1/merge", ""));
    failed(run("merge_group", "gh-readonly-queue/main/1", &main));
}

#[test]
fn the_pipeline_validates_pushes_and_merge_requests_and_writes_a_report() {
    let env = registry();
    let script = block(&env.read(PIPELINE), "-");
    let run = |more: &[(&str, &str)]| {
        job(&env, &script, &[&[("REGISTRY_BRANCH", "main"), ("REGISTRY_FOLDER", ".")], more].concat())
    };
    let (none, main) = ("0".repeat(40), env.tip("reg", "main"));
    let failed = |said: String| {
        assert!(said.contains("error[fact-changed]") && said.ends_with("status 1\n"), "{said}");
        let report = env.read("reg/gl-code-quality-report.json");
        assert!(report.contains("models/iris/versions/1.toml"), "{report}");
        fs::remove_file(env.path("reg/gl-code-quality-report.json")).unwrap();
    };
    failed(run(&[("CI_COMMIT_BRANCH", "side"), ("CI_COMMIT_BEFORE_SHA", &none)]));
    failed(run(&[("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", &main)]));
    failed(run(&[("CI_MERGE_REQUEST_IID", "1"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &main)]));
    env.git("reg", &["switch", "--quiet", "main"]);
    let said = run(&[("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", &none)]);
    assert!(said.ends_with("status 0\n"), "{said}");
    assert_eq!(env.read("reg/gl-code-quality-report.json").trim(), "[]");
}

#[test]
fn for_a_registry_in_a_folder_the_files_are_at_the_root() {
    let env = TestEnvironment::new();
    env.git(".", &["init", "--quiet", "-b", "main", "mono"]);
    env.write("mono/.gitlab-ci.yml", "mine: {}\n");
    env.git("mono", &["add", "-A"]);
    env.git("mono", &["commit", "--quiet", "-m", "mine"]);
    env.succeed(".", &["init", "mono/ml/reg"]);
    assert!(env.read("mono/.github/workflows/modelreg.yml").contains("FOLDER: \"ml/reg\""));
    assert_eq!(env.read("mono/.gitlab-ci.yml"), "mine: {}\n");
    assert!(!env.path("mono/ml/reg/.github").exists() && !env.path("mono/ml/reg/CODEOWNERS").exists());
    env.assert_clean("mono");
    env.succeed("mono", &["-C", "ml/reg", "validate"]);
}
