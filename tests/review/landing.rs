//! From the request to the landing, with `land` and with a forge's merge button.

use super::{ID, POINTER, Team};

#[test]
fn two_people_request_approve_and_land() {
    let team = Team::new("signed");
    let before = team.env.tip("ada", "main");
    team.ask();
    assert_eq!(team.env.tip("ada", "main"), before, "nothing lands by asking");
    let listed = team.ok("lead", &["requests"]);
    assert!(listed.contains(ID) && listed.contains("0 of 1") && listed.contains("awaits approval"), "{listed}");
    insta::assert_snapshot!("asked", team.git("ada", &["log", "-1", "--format=%B", &format!("requests/{ID}")]));
    let pending = team.ok("lead", &["show", "iris"]);
    assert!(pending.contains(ID) && pending.contains("0 of 1") && pending.contains("awaits approval"), "{pending}");
    assert!(!team.ok("lead", &["show", "iris", "--rev", "main"]).contains(ID), "a revision has no open requests");
    team.approve();
    let shown = team.shown("ada");
    assert_eq!((shown["ready"].as_bool(), shown["approvals"][0]["signed"].as_bool()), (Some(true), Some(true)));
    insta::assert_snapshot!("show", team.ok("ada", &["request", "show", ID]));
    team.ok("ada", &["land", ID]);
    assert_eq!(team.git("ada", &["branch", "--list", "requests/*"]), "");
    team.ok("ada", &["validate", "--base", &before]);
    team.ok("ada", &["validate"]);
    team.env.assert_clean("ada");
    assert_eq!(team.git("ada", &["rev-parse", "HEAD^1"]), before);
    insta::assert_snapshot!("landed", team.git("ada", &["log", "-1", "--format=%B"]));
    assert!(team.ok("ada", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/2"));
}

/// The ways of a forge to merge an approved pull request: merge commit, squash, rebase, fast-forward. All four pass, because the
/// approval is in the file. Without the approval none passes.
#[test]
fn every_way_to_merge_passes_exactly_if_land_passes() {
    for approved in [true, false] {
        let team = Team::new("signed");
        team.ask();
        if approved {
            team.approve();
        }
        // Except for the fast-forward, another person's commit lands before the merge.
        for way in ["fast-forward", "merge", "squash", "rebase"] {
            team.git("ada", &["checkout", "-q", "-B", "try", "main"]);
            if way != "fast-forward" {
                team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
            }
            let base = team.git("ada", &["rev-parse", "HEAD"]);
            let request = format!("origin/requests/{ID}");
            match way {
                "fast-forward" => drop(team.git("ada", &["merge", "-q", "--ff-only", &request])),
                "merge" => drop(team.git("ada", &["merge", "-q", "--no-ff", "-m", "merge", &request])),
                "squash" => {
                    team.git("ada", &["merge", "-q", "--squash", &request]);
                    team.git("ada", &["commit", "-q", "-m", "squashed"]);
                }
                _ => {
                    team.git("ada", &["checkout", "-q", "-B", "other", &request]);
                    team.git("ada", &["rebase", "-q", "try"]);
                }
            }
            let args = ["validate", "--base", base.as_str(), "--head", "HEAD"];
            if approved {
                team.ok("ada", &args);
            } else {
                assert!(team.refused("ada", &args).contains("approvals-missing"), "{way}");
            }
        }
        team.git("ada", &["checkout", "-q", "main"]);
        if approved {
            team.ok("ada", &["land", ID]);
        } else {
            assert!(team.refused("ada", &["land", ID]).contains("approvals-missing"));
        }
    }
}

#[test]
fn a_request_whose_pointer_moved_meanwhile_is_stale_and_can_be_made_again() {
    let team = Team::new("recorded");
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    for version in ["2", "3"] {
        team.ok("ada", &["promote", "iris", version, "--to", "Production", "--reason", "better"]);
    }
    team.git("ada", &["push", "-q", "origin", "main", "requests/iris/Production/2", "requests/iris/Production/3"]);
    team.git("lead", &["pull", "-q"]);
    for version in ["2", "3"] {
        team.ok("lead", &["approve", &format!("iris/Production/{version}")]);
    }
    team.ok("lead", &["land", "iris/Production/3"]);
    let refused = team.refused("lead", &["land", "iris/Production/2"]);
    assert!(
        refused
            .contains("is stale: `models/iris/stages/production.toml` has changed on main since the request was made"),
        "{refused}"
    );
    assert!(team.ok("lead", &["requests"]).contains("stale: make the request again"));
    assert!(team.refused("lead", &["approve", "iris/Production/2"]).contains("stale"));
    // A repeated request starts from the new tip, without the approval of the old request.
    team.git("lead", &["push", "-q", "origin", "main"]);
    team.git("ada", &["pull", "-q"]);
    team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--reason", "again"]);
    assert_eq!(team.shown("ada")["approvals_counted"], 0);
    team.env.assert_clean("ada");
    team.env.assert_clean("lead");
}

#[test]
fn files_that_a_request_also_changes_are_shown() {
    let team = Team::new("recorded");
    team.ask();
    assert_eq!(team.shown("lead")["also_changes"], serde_json::json!([]));
    team.git("eve", &["fetch", "-q"]);
    team.git("eve", &["checkout", "-q", "-b", &format!("requests/{ID}"), &format!("origin/requests/{ID}")]);
    team.ok("eve", &["describe", "iris", "Mine."]);
    team.git("eve", &["push", "-q", "origin", &format!("requests/{ID}")]);
    team.git("lead", &["fetch", "-q"]);
    assert_eq!(team.shown("lead")["also_changes"], serde_json::json!(["models/iris/model.toml"]));
    let shown = team.ok("lead", &["request", "show", ID]);
    assert!(
        shown.contains("also changes files that no approval covers") && shown.contains("models/iris/model.toml"),
        "{shown}"
    );
}

/// The approval came before the other change, and does not cover it.
#[test]
fn safety_23_only_the_move_lands_from_a_branch_that_changes_more() {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    let branch = format!("requests/{ID}");
    team.git("eve", &["fetch", "-q"]);
    team.git("eve", &["checkout", "-q", "-b", &branch, &format!("origin/{branch}")]);
    team.ok("eve", &["describe", "iris", "Mine."]);
    team.git("eve", &["push", "-q", "origin", &branch]);
    team.git("lead", &["checkout", "-q", "main"]);
    team.git("lead", &["branch", "-q", "-D", &branch]);
    team.git("lead", &["fetch", "-q"]);
    let before = team.git("lead", &["for-each-ref"]);
    let refused = team.refused("lead", &["land", ID]);
    assert!(refused.contains("also changes `models/iris/model.toml`, and no approval covers that"), "{refused}");
    assert!(refused.contains(&format!("`modelreg land {ID} --with-other-changes`")), "{refused}");
    assert_eq!(team.git("lead", &["for-each-ref"]), before);
    team.ok("lead", &["land", ID, "--with-other-changes"]);
    assert!(team.env.read("lead/models/iris/model.toml").contains("Mine."));
}

#[test]
fn another_change_of_the_registry_does_not_make_a_request_stale() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.ok("ada", &["promote", "iris", "3", "--to", "Staging"]);
    team.ok("ada", &["land", ID]);
    assert_eq!(team.env.versions("ada", "main", "iris"), [1, 2, 3]);
    team.env.assert_clean("ada");
}

#[test]
fn a_second_request_for_the_same_move_is_refused_and_the_requester_can_withdraw() {
    let team = Team::new("recorded");
    team.ask();
    let again = team.refused("ada", &["promote", "iris", "2", "--to", "Production"]);
    assert!(again.contains("has already requested this move"), "{again}");
    team.ok("ada", &["reject", ID]);
    assert_eq!(team.git("ada", &["branch", "--list", "requests/*"]), "");
    let manifest = team.env.read("ada/models/iris/versions/2.toml");
    assert!(manifest.contains("[[closed_requests]]") && manifest.contains("outcome = \"withdrawn\""), "{manifest}");
    team.env.assert_clean("ada");
}

#[test]
fn a_rejected_request_leaves_an_entry_with_who_when_and_why() {
    let team = Team::new("recorded");
    team.ask();
    assert!(team.refused("lead", &["reject", ID]).contains("a rejection needs a reason"));
    team.ok("lead", &["reject", ID, "--reason", "recall fell"]);
    let manifest = team.env.read("lead/models/iris/versions/2.toml");
    for entry in [
        "by = \"lead@example.com\"\noutcome = \"rejected\"\nstage = \"Production\"\naction = \"promote\"\nfrom = 1\n",
        "requested_by = \"ada@example.com\"\nreason = \"recall fell\"\n",
    ] {
        assert!(manifest.contains(entry), "{entry} is not in\n{manifest}");
    }
    team.ok("lead", &["validate"]);
    let shown = team.ok("lead", &["show", "iris@2"]);
    assert!(
        shown.contains("promotion to Production (was 1) rejected, requested by ada@example.com: recall fell"),
        "{shown}"
    );
}

#[test]
fn a_comment_is_not_taken_for_a_rejection() {
    let team = Team::new("recorded");
    let words = "Request to promote iris 2 to Production rejected (asked for by ada@example.com at 2026-01-02T03:04:05.000Z): no";
    team.ok("ada", &["comment", "iris", "2", words]);
    let history = team.ok("ada", &["history", "iris", "--format", "json"]);
    assert!(history.contains("\"comment\"") && !history.contains("\"reject\""), "{history}");
}

#[test]
fn a_rollback_of_a_reviewed_stage_is_a_request_too() {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    let asked = team.ok("ada", &["rollback", "iris", "--reason", "it fails on Mondays"]);
    assert!(
        asked.contains("on requests/iris/Production/1") && asked.contains("1 approval is needed, by lead@example.com"),
        "{asked}"
    );
    team.git("ada", &["push", "-q", "origin", "requests/iris/Production/1"]);
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &["approve", "iris/Production/1"]);
    team.ok("lead", &["land", "iris/Production/1"]);
    assert!(team.ok("lead", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/1"));
    team.env.assert_clean("lead");
}

#[test]
fn a_forge_counts_its_own_approvals() {
    let team = Team::new("forge");
    let asked = team.ok("ada", &["promote", "iris", "2", "--to", "Production"]);
    assert!(asked.contains("open a pull request"), "{asked}");
    assert!(team.refused("ada", &["approve", ID]).contains("approve the pull request on the forge"));
    team.ok("ada", &["land", ID]);
}

/// As after a change of the policy: the journal has an approval, but the forge counts its own approvals. The approval
/// does not come in, and no program is started to find that out.
#[test]
fn a_signature_that_does_not_count_is_not_verified() {
    for (review, verified) in [("signed", true), ("forge", false)] {
        let team = Team::new("signed");
        team.ask();
        team.approve();
        let policy = team.env.read("ada/registry.toml").replace("policy_version = 2", "policy_version = 3");
        team.env.write("ada/registry.toml", &policy.replace("\"signed\"", &format!("\"{review}\"")));
        team.git("ada", &["commit", "-q", "-a", "-m", "policy"]);
        let branch = format!("origin/requests/{ID}");
        team.git("ada", &["merge", "-q", "--no-edit", &branch]);
        let args = ["validate", "--base", "HEAD~1"];
        // All clones with this home share the cache of verdicts.
        std::fs::remove_dir_all(team.env.path("home/.cache")).unwrap();
        let output = team.env.modelreg("ada", &args).env("MODELREG_LOG", "modelreg::program=debug").output().unwrap();
        let log = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        assert!(output.status.success() == verified && log.contains("ssh-keygen") == verified, "{review}: {log}");
        // `request show` shows the approval.
        team.git("ada", &["reset", "-q", "--hard", "main~1"]);
        let shown = team.shown("ada");
        let state = if verified { "ready" } else { "breaks_rules" };
        assert_eq!((&shown["state"], &shown["approvals_counted"]), (&state.into(), &1.into()), "{shown}");
    }
}

/// A version is registered and requested in one pull request, by hand. The approval covers the facts on the branch.
#[test]
fn a_version_that_the_request_itself_registers_is_approved_and_landed() {
    let team = Team::new("signed");
    let id = "iris/Production/3";
    let branch = format!("requests/{id}");
    team.git("ada", &["checkout", "-q", "-b", &branch]);
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3", "--metric", "accuracy=0.93"]);
    let pointer = team.env.read(&format!("ada/{POINTER}")).replacen("version = 1", "version = 3", 1);
    let entry = "\n[[history]]\nat = 2026-01-02T03:04:06Z\nby = \"ada@example.com\"\naction = \"promote\"\nversion = 3\nfrom = 1\n";
    team.env.write(&format!("ada/{POINTER}"), &(pointer + entry));
    crate::attacks::approvals::sign_request(&team, "ada", "ada");
    team.git("ada", &["commit", "-q", "-a", "-m", "ask"]);
    team.git("ada", &["push", "-q", "origin", &branch]);
    team.git("ada", &["checkout", "-q", "main"]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", id]);
    assert!(team.ok("lead", &["requests"]).contains("ready to land"));
    team.ok("lead", &["validate", "--base", "main", "--head", &branch]);
    let refused = team.refused("lead", &["land", id]);
    assert!(refused.contains("also changes `models/iris/versions/3.toml`, and no approval covers that"), "{refused}");
    team.ok("lead", &["land", id, "--with-other-changes"]);
    assert!(team.ok("lead", &["resolve", "models:/iris/Production"]).contains("s3://models/iris/3"));
}

/// A withdrawal from a reviewed stage is requested, approved and landed like any other move.
#[test]
fn a_withdrawal_is_reviewed_too() {
    let team = Team::new("signed");
    let id = "iris/Production/1";
    let asked = team.ok("ada", &["withdraw", "iris", "1", "--from", "Production", "--reason", "retired", "--push"]);
    assert!(asked.contains("1 approval is needed, by lead@example.com"), "{asked}");
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", id, "--push"]);
    team.ok("ada", &["land", id, "--push"]);
    assert!(team.refused("ada", &["resolve", "models:/iris/Production"]).contains("Production"));
    team.env.assert_clean("ada");
}
