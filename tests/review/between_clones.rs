//! Requests between clones: each knows what the others have decided once it has fetched.

use super::{ID, Team};

#[test]
fn a_request_that_another_clone_closed_is_closed_here_after_a_fetch_and_its_branch_goes() {
    for how in ["reject", "land"] {
        let team = Team::new("recorded");
        team.ok("ada", &["promote", "iris", "2", "--to", "Production", "--push"]);
        team.git("lead", &["fetch", "-q"]);
        if how == "land" {
            team.ok("lead", &["approve", ID, "--push"]);
            team.ok("lead", &["land", ID, "--push"]);
        } else {
            team.ok("lead", &["reject", ID, "--reason", "recall fell", "--push"]);
        }
        team.git("ada", &["fetch", "-q", "--prune"]);
        assert!(team.ok("ada", &["requests"]).contains("no open requests"), "{how}");
        let shown = team.refused("ada", &["request", "show", ID]);
        assert!(shown.contains("no open request"), "{how}: {shown}");
        team.ok("ada", &["sync"]);
        assert_eq!(team.git("ada", &["branch", "--list", "requests/*"]), "", "{how}");
    }
}

#[test]
fn a_request_that_only_this_clone_has_says_so_and_is_pushed_by_asking_again() {
    let team = Team::new("recorded");
    let ask = ["promote", "iris", "2", "--to", "Production", "--reason", "better"];
    let asked = team.ok("ada", &ask);
    assert!(asked.contains("only in this clone"), "{asked}");
    let push = format!("git push origin requests/{ID}:requests/{ID}");
    assert!(asked.contains(&format!("next: {push}\n")), "{asked}");
    let listed = team.ok("ada", &["requests"]);
    assert!(listed.contains("only in this clone") && listed.contains(&push), "{listed}");
    assert!(team.ok("ada", &["request", "show", ID]).contains("only in this clone"));
    let commit = team.env.tip("ada", &format!("requests/{ID}"));
    let again = team.ok("ada", &[&ask[..], &["--push"]].concat());
    assert!(again.contains("pushed to origin"), "{again}");
    assert_eq!(team.env.tip("hub.git", &format!("requests/{ID}")), commit);
    assert!(!team.ok("ada", &["requests"]).contains("only in this clone"));
    // Once it is there, asking again is refused, also to somebody else.
    for person in ["ada", "eve"] {
        let refused = team.refused(person, &[&ask[..], &["--push"]].concat());
        assert!(refused.contains("has already requested this move"), "{refused}");
    }
}
