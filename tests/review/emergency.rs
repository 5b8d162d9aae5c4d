//! A rollback that lands before its approval, and the approval afterwards.

use super::{ID, POINTER, Team};

#[test]
fn an_emergency_lands_at_once_awaits_approval_and_prevents_a_second_one() {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    team.ok("ada", &["rollback", "iris", "--reason", "it fails", "--emergency"]);
    assert!(team.ok("ada", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/1"));
    assert!(team.env.read("ada/models/iris/stages/production.toml").contains("emergency = true"));
    let listed = team.ok("ada", &["requests"]);
    assert!(listed.contains("iris/Production/1") && listed.contains("emergency, awaits approval"), "{listed}");
    // In every spelling of the key.
    let pointer = format!("ada/{POINTER}");
    let text = team.env.read(&pointer);
    team.env.write(&pointer, &text.replace("emergency = true", "\"emer\\u0067ency\" = true"));
    team.git("ada", &["commit", "-q", "-a", "-m", "x"]);
    assert!(team.ok("ada", &["requests"]).contains("emergency, awaits approval"));
    team.git("ada", &["reset", "-q", "--hard", "HEAD~1"]);
    for target in ["iris", "iris@1"] {
        let shown = team.ok("ada", &["show", target]);
        assert!(
            shown.contains("rollback by ada@example.com") && shown.contains("emergency, awaits approval"),
            "{shown}"
        );
    }
    assert!(!team.ok("ada", &["show", "iris@2"]).contains("awaits approval"));
    let warned = team.ok("ada", &["validate"]);
    assert!(warned.contains("emergency-unapproved"), "{warned}");
    team.env.assert_clean("ada");

    // A second emergency is refused, and the first cannot be rejected.
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("lead", &["pull", "-q"]);
    let second = team.refused("lead", &["rollback", "iris", "--to", "2", "--reason", "back", "--emergency"]);
    assert!(second.contains("emergency-not-allowed"), "{second}");
    assert!(
        team.refused("lead", &["reject", "iris/Production/1", "--reason", "no"])
            .contains("has already landed, as an emergency")
    );
    assert!(team.refused("lead", &["land", "iris/Production/1"]).contains("has already landed"));
    assert!(
        team.refused("ada", &["approve", "iris/Production/1"]).contains("a requester's own approval does not count")
    );

    let before = team.env.tip("lead", "main");
    team.ok("lead", &["approve", "iris/Production/1", "--comment", "right so"]);
    assert!(team.ok("lead", &["requests"]).contains("no open requests"));
    team.ok("lead", &["validate", "--base", &before]);
    assert!(!team.ok("lead", &["validate"]).contains("emergency-unapproved"));
    team.env.assert_clean("lead");
}

#[test]
fn a_stage_without_emergencies_refuses_one() {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    let text = team.env.read("ada/registry.toml");
    team.env.write(
        "ada/registry.toml",
        &text.replace("emergency = true\n", "").replace("policy_version = 2", "policy_version = 3"),
    );
    team.git("ada", &["commit", "-q", "-a", "-m", "policy: no emergencies"]);
    let before = team.env.tip("ada", "main");
    let refused = team.refused("ada", &["rollback", "iris", "--reason", "it fails", "--emergency"]);
    assert!(refused.contains("allows no emergencies"), "{refused}");
    assert_eq!(team.env.tip("ada", "main"), before);
}
