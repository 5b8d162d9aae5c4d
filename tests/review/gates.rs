//! The policy's gates for a version: before a request, in the request, and in CI.

use super::{ID, Team};

/// A policy with gates. Version 2 passes all, or all but one.
fn team(min: &str) -> Team {
    let team = Team::new("signed");
    let policy = team.env.read("ada/registry.toml").replace("policy_version = 2", "policy_version = 3");
    let gates = format!(
        "emergency = true\nrequires = [\"artifact.uri\"]\n\n[[stages.gates]]\nmetric = \"accuracy\"\nmin = {min}\nnot_worse_than = \"Production\"\ngoal = \"higher\"\n"
    );
    team.env.write("ada/registry.toml", &policy.replace("emergency = true\n", &gates));
    team.git("ada", &["commit", "-q", "-a", "-m", "policy: Production has gates"]);
    team.ok("ada", &["validate", "--base", "HEAD~1"]);
    team.git("ada", &["push", "-q"]);
    team.git("lead", &["pull", "-q"]);
    team
}

const PROMOTE: [&str; 7] = ["promote", "iris", "2", "--to", "Production", "--reason", "better"];

#[test]
fn a_dry_run_shows_the_gates_and_writes_nothing() {
    let asked = team("0.9");
    let before = asked.git("ada", &["for-each-ref"]);
    let shown = asked.ok("ada", &[&PROMOTE[..], &["--dry-run"]].concat());
    for said in
        ["✔ accuracy >= 0.9", "version 1 in Production has 0.91", "would be done", "1 approval by lead@example.com"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let refused = team("0.95");
    let shown = refused.refused("ada", &[&PROMOTE[..], &["--dry-run"]].concat());
    for said in ["✘ accuracy >= 0.95", "✔ artifact.uri", "would be refused", "gate-not-met"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(refused.refused("ada", &PROMOTE).contains("accuracy >= 0.95 is required, and it is 0.92"));
    assert_eq!(asked.git("ada", &["for-each-ref"]), before);
}

#[test]
fn the_request_and_ci_show_the_same_table() {
    let team = team("0.9");
    team.ask();
    assert!(team.ok("lead", &["request", "show", ID]).contains("✔ accuracy not worse than Production"));
    assert_eq!(team.shown("lead")["gates"][0]["passed"], true);
    let branch = format!("origin/requests/{ID}");
    let base = ["validate", "--base", "origin/main", "--head", &branch];
    assert!(team.refused("lead", &base).contains("✔ accuracy >= 0.9"));
    let json = team.env.modelreg("lead", &[&base[..], &["--format", "json"]].concat()).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["gates"][0]["results"][1]["asked"], "accuracy >= 0.9");
    // The table is appended to the job's summary, after the lines of other steps.
    team.env.write("summary.md", "# before\n");
    let mut ci = team.env.modelreg("lead", &[&base[..], &["--format", "github"]].concat());
    let output = ci.env("GITHUB_STEP_SUMMARY", team.env.path("summary.md")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("✔ accuracy >= 0.9"));
    let summary = team.env.read("summary.md");
    assert!(summary.starts_with("# before\n### iris 2 into Production (now 1)\n"), "{summary}");
    assert!(summary.contains("| ✅ | accuracy &#62;= 0.9 |"), "{summary}");
}
