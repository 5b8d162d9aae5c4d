//! Threat 14: two pull requests that are valid alone and invalid together. The merge result is judged.

use super::{POINTER, Scene, edit};
use crate::{ID, Team};

/// The request passes alone. Then Ada's change, which passes alone too, lands before the request.
fn overtaken(scene: &Scene, change: &[&[&str]]) {
    scene.afresh();
    scene.merge();
    let alone = ["validate", "--base", "main", "--head", "merged"];
    scene.team.ok("eve", &alone);
    let team = &scene.team;
    team.git("ada", &["checkout", "-q", "main"]);
    for args in change {
        team.ok("ada", args);
    }
    let pushed = team.env.git_with_hooks("ada", &["push", "-q", "origin", "main"]);
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
    team.git("eve", &["pull", "-q", "origin", "main"]);
}

/// Eve resolves the conflicts of git's merge, with a file of her choice.
fn resolve(team: &Team, path: &str, text: &str) {
    team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
    let merged = team.env.program("eve", "git").args(["merge", "-q", "--no-ff", &format!("requests/{ID}")]).output();
    assert!(!merged.unwrap().status.success(), "git sees the conflict");
    team.env.write(&format!("eve/{path}"), text);
    team.git("eve", &["add", "-A"]);
    team.git("eve", &["commit", "-q", "-m", "merge"]);
    team.git("eve", &["checkout", "-q", "main"]);
}

#[test]
fn safety_14_a_version_is_promoted_by_the_one_and_deleted_or_archived_by_the_other() {
    for (change, says) in [
        (&["delete", "iris@2", "--reason", "trained on the test set"][..], "pointer-to-deleted"),
        (&["archive", "iris", "2"], "pointer-to-archived"),
    ] {
        let scene = Scene::approved("signed", |_| {});
        overtaken(&scene, &[change]);
        scene.all_refuse(&[says, "`Production` points to version 2"]);
    }
    // The valid counterpart: the version gets a description, and another version is deleted.
    let scene = Scene::approved("signed", |team| {
        team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    });
    overtaken(&scene, &[&["describe", "iris@2", "better"], &["delete", "iris@3", "--reason", "a slip"]]);
    scene.all_take();
}

#[test]
fn safety_14_two_move_the_same_pointer() {
    let team = Team::new("signed");
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("lead", &["pull", "-q"]);
    team.ask();
    team.approve();
    let other = "iris/Production/3";
    team.ok("ada", &["promote", "iris", "3", "--to", "Production", "--reason", "better still"]);
    team.git("ada", &["push", "-q", "origin", &format!("requests/{other}")]);
    team.git("lead", &["fetch", "-q"]);
    team.ok("lead", &["approve", other]);
    team.git("lead", &["push", "-q", "origin", &format!("requests/{other}")]);
    let scene = Scene::of(team, ID);
    for id in [ID, other] {
        let head = format!("origin/requests/{id}");
        scene.team.git("eve", &["fetch", "-q"]);
        scene.team.ok("eve", &["validate", "--base", "main", "--head", &head]);
    }
    scene.team.git("ada", &["fetch", "-q"]);
    overtaken(&scene, &[&["land", other]]);
    let stale = &["is stale", "`models/iris/stages/production.toml` has changed on main since the request was made"];
    let ours = scene.team.git("eve", &["show", &format!("main:{POINTER}")]) + "\n";
    let theirs = scene.team.git("eve", &["show", &format!("requests/{ID}:{POINTER}")]) + "\n";
    // One move instead of the other.
    resolve(&scene.team, POINTER, &theirs);
    scene.judges_refuse(&["journal-rewritten", "entry 2 of Production's journal"], stale);
    // One move after the other. The second is then not the approved move, with the old `from` or with the new one.
    let second = &theirs[theirs.match_indices("[[history]]").nth(1).unwrap().0..];
    let both = format!("{}\n{second}", ours.replacen("version = 3\n", "version = 2\n", 1));
    resolve(&scene.team, POINTER, &both);
    scene.judges_refuse(&["journal-illegal", "approvals-missing", "the signature covers another statement"], stale);
    let at = both.rfind("from = 1").unwrap();
    resolve(&scene.team, POINTER, &format!("{}from = 3{}", &both[..at], &both[at + "from = 1".len()..]));
    scene.judges_refuse(&["approvals-missing", "the signature covers another statement"], stale);
}

#[test]
fn safety_14_two_register_the_same_number() {
    let scene = Scene::approved("signed", |_| {});
    let manifest = "models/iris/versions/3.toml";
    scene.afresh();
    scene.team.ok("eve", &["register", "iris", "--artifact", "s3://eve/3"]);
    scene.merge();
    scene.team.ok("eve", &["validate", "--base", "main", "--head", "merged"]);
    let theirs = scene.team.env.run("eve", &["show", "iris@3", "--rev", "merged"]);
    assert!(theirs.contains("s3://eve/3"), "{theirs}");
    scene.team.git("ada", &["checkout", "-q", "main"]);
    scene.team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
    let pushed = scene.team.env.git_with_hooks("ada", &["push", "-q", "origin", "main"]);
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
    scene.team.git("eve", &["pull", "-q", "origin", "main"]);
    let theirs = scene.team.git("eve", &["show", &format!("requests/{ID}:{manifest}")]) + "\n";
    resolve(&scene.team, manifest, &theirs);
    let stale = &["is stale", "`models/iris/versions/3.toml` has changed on main since the request was made"];
    scene.judges_refuse(&["fact-changed", "`artifact.uri` of version 3"], stale);
}

/// Two versions with consecutive numbers. If only the second lands, there is a gap.
#[test]
fn safety_14_a_version_whose_number_the_other_one_was_to_fill() {
    let scene = Scene::approved("signed", |_| {});
    scene.afresh();
    for version in ["3", "4"] {
        scene.team.ok("eve", &["register", "iris", "--artifact", &format!("s3://eve/{version}")]);
    }
    scene.team.git("eve", &["rm", "-q", "models/iris/versions/3.toml"]);
    scene.commit();
    scene.all_refuse(&["version-gap", "version 3 is missing"]);
}

#[test]
fn safety_14_a_rename_and_a_move() {
    let scene = Scene::approved("signed", |_| {});
    overtaken(&scene, &[&["rename", "iris", "lily"]]);
    // `land` merges file by file, so the move is under the old name.
    let team = &scene.team;
    team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
    team.git("eve", &["checkout", &format!("requests/{ID}"), "--", POINTER]);
    scene.commit();
    team.git("eve", &["checkout", "-q", "main"]);
    let stale = &["is stale", "`models/iris/stages/production.toml` has changed on main since the request was made"];
    scene.judges_refuse(&["model-file-missing", "approvals-missing"], stale);
    // Git's merge moves the entry to the new name, where its approval still counts: the move is the same. It
    // does not count for a model that only has a similar file.
    scene.merge();
    let moved = team.git("eve", &["show", "merged:models/lily/stages/production.toml"]);
    assert!(moved.contains("version = 2\n\n[[history]]"), "{moved}");
    team.ok("eve", &["validate", "--base", "main", "--head", "merged"]);
    team.git("eve", &["checkout", "-q", "merged"]);
    edit(team, "models/lily/model.toml", "former_names = [\"iris\"]\n", "");
    scene.commit();
    let args = ["validate", "--base", "main", "--head", "merged"];
    let forgotten = team.refused("eve", &args);
    assert!(forgotten.contains("model-fact-changed") && forgotten.contains("approvals-missing"), "{forgotten}");
}

/// The policy at the landing counts, not the policy at the approval.
#[test]
fn safety_14_a_stricter_policy_and_a_move() {
    for (from, to, says) in [
        ("review = \"signed\"", "review = \"signed\"\napprovals = 2", "requires 2 signed approvals"),
        ("ml-leads = [\"lead@", "ml-leads = [\"boss@", "the policy does not name `lead@example.com`"),
        ("review = \"signed\"", "review = \"signed\"\nrequires = [\"lineage.code\"]", "requirement-not-met"),
        ("review = \"signed\"", "review = \"signed\"\nafter = \"Staging\"", "after-not-met"),
    ] {
        let scene = Scene::approved("signed", |_| {});
        overtaken(&scene, &[]);
        let mut registry = scene.team.env.read("ada/registry.toml").replace("policy_version = 2", "policy_version = 3");
        registry = registry.replace(from, to).replace("[\"lead@example.com\"]", "[\"lead@example.com\", \"b@c.de\"]");
        scene.team.env.write("ada/registry.toml", &registry);
        scene.team.git("ada", &["commit", "-q", "-a", "-m", "policy: stricter"]);
        let pushed = scene.team.env.git_with_hooks("ada", &["push", "-q", "origin", "main"]);
        assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
        scene.team.git("eve", &["pull", "-q", "origin", "main"]);
        scene.all_refuse(&[says]);
    }
}
