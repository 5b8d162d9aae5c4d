//! Threat 12: a new policy applies only to later changes, and an old policy cannot be restored.

use super::{POINTER, Scene, edit};
use crate::Team;

const REGISTRY: &str = "registry.toml";

/// The lines of the policy about Production's review.
const REVIEWED: &str = "review = \"signed\"\napprovers = [\"@ml-leads\"]\n";

/// The present policy with a replacement and a higher version.
fn policy(team: &Team, from: &str, to: &str) {
    edit(team, REGISTRY, from, to);
    edit(team, REGISTRY, "policy_version = 2", "policy_version = 3");
}

fn sign_for_the_lead(team: &Team) {
    let eve = team.env.read("home/eve.pub");
    team.env.write("eve/allowed_signers", &format!("lead@example.com {eve}ada@example.com {eve}"));
}

/// Changes of the policy after which the request would need no other person.
fn gains() -> [&'static dyn Fn(&Team); 7] {
    [
        &|team| policy(team, REVIEWED, ""),
        // The review of a forge, without a forge.
        &|team| policy(team, REVIEWED, "review = \"forge\"\n"),
        &|team| policy(team, "review = \"signed\"", "review = \"recorded\""),
        &|team| policy(team, "[\"lead@example.com\"]", "[\"eve@example.com\"]"),
        &|team| policy(team, "[\"@ml-leads\"]", "[\"eve@example.com\"]"),
        &|team| policy(team, "name = \"acme\"", "name = \"acme\"\nbranch = \"mine\""),
        &sign_for_the_lead,
    ]
}

/// With these signers and approvers, Eve's approval would count.
fn approve(team: &Team) {
    let approval = "\n[[history.approvals]]\nby = \"eve@example.com\"\nat = 2026-01-02T03:04:05Z\n";
    super::append(team, POINTER, approval);
}

#[test]
fn safety_12_a_policy_that_a_change_brings_does_not_judge_it() {
    let scene = Scene::asked("signed", |_| {});
    let says = ["policy-with-move", "approvals-missing"];
    for gain in gains() {
        scene.spoil(&[&|team| {
            gain(team);
            approve(team);
        }]);
        scene.all_refuse(&says);
    }
    // In two commits of one push, in both orders.
    let [gain, ..] = gains();
    for commits in [[gain, &approve], [&approve, gain]] {
        scene.spoil(&commits);
        scene.all_refuse(&says);
    }
}

/// Refused even if the request has enough approvals: policy and move each need their own review.
#[test]
fn safety_12_a_policy_does_not_travel_with_a_move() {
    let scene = Scene::approved("signed", |_| {});
    for gain in gains() {
        scene.spoil(&[gain]);
        scene.all_refuse(&["policy-with-move"]);
    }
    scene.refuses_each(&[
        (&["policy-with-move", "allowed_signers"], &|team| drop(team.git("eve", &["rm", "-q", "allowed_signers"]))),
        (&["policy-with-move", "allowed_signers"], &|team| {
            let own = team.env.read("home/eve.pub");
            super::append(team, "allowed_signers", &format!("eve@example.com {own}"));
        }),
    ]);
    // Changes outside the policy are accepted with a move, and each part alone is accepted.
    scene.afresh();
    scene.team.ok("eve", &["describe", "iris@2", "better"]);
    scene.all_take();
}

#[test]
fn safety_12_an_old_policy_cannot_be_put_back() {
    let scene = Scene::approved("signed", |_| {});
    let old = |team: &Team| {
        let old = team.git("eve", &["show", "main~1:registry.toml"]);
        team.env.write("eve/registry.toml", &format!("{old}\n"));
    };
    scene.refuses_each(&[
        (&["policy-version-lowered", "`policy_version` was lowered from 2 to 1", "policy-with-move"], &old),
        (&["policy-version-lowered"], &|team| {
            drop(team.git("eve", &["rm", "-q", "allowed_signers"]));
            old(team);
        }),
        (&["policy-version-not-raised"], &|team| edit(team, REGISTRY, REVIEWED, "")),
        (&["policy-version-not-raised"], &|team| {
            edit(team, REGISTRY, "name = \"acme\"", "name = \"acme\"\nbranch = \"mine\"")
        }),
        (&["policy-version-not-raised"], &|team| edit(team, REGISTRY, "lead@example.com", "eve@example.com")),
        (&["policy-version-lowered", "`policy_version` was lowered from 2 to 1"], &|team| {
            edit(team, REGISTRY, "policy_version = 2", "policy_version = 1")
        }),
    ]);
    // The version is raised and the policy restored, in two commits of one push.
    scene.spoil(&[&|team| policy(team, REVIEWED, ""), &|team| {
        edit(team, REGISTRY, "policy_version = 3", "policy_version = 2")
    }]);
    scene.all_refuse(&["policy-version-not-raised"]);
}

/// A change of only the policy: a wrong version is refused, and a higher version is accepted.
#[test]
fn safety_12_a_policy_by_itself_goes_forward_only() {
    let scene = Scene::approved("signed", |_| {});
    let judge = |edit: &dyn Fn(&Team)| {
        scene.team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
        edit(&scene.team);
        scene.commit();
        scene.team.git("eve", &["checkout", "-q", "main"]);
        let validated = scene.team.env.run("eve", &["validate", "--base", "main", "--head", "merged"]);
        let pushed = scene.team.env.git_with_hooks("eve", &["push", "origin", "merged:main"]);
        [validated, pushed]
    };
    // The registry's name too: signatures for a registry with that name would count here.
    for (from, to) in [("review = \"signed\"", "review = \"recorded\""), ("name = \"acme\"", "name = \"sister\"")] {
        for said in judge(&|team| edit(team, REGISTRY, from, to)) {
            assert!(said.ends_with("--- status 1\n") && said.contains("policy-version-not-raised"), "{said}");
        }
    }
    let reverts = |team: &Team| drop(team.git("eve", &["revert", "--no-edit", "HEAD"]));
    for said in judge(&reverts) {
        assert!(said.ends_with("--- status 1\n") && said.contains("policy-version-lowered"), "{said}");
    }
    for said in judge(&|team| policy(team, "review = \"signed\"", "review = \"recorded\"")) {
        assert!(said.ends_with("--- status 0\n"), "{said}");
    }
}

/// Production names no approvers, so the model's owners approve.
#[test]
fn safety_23_owners_are_policy_where_owners_approve() {
    const MODEL: &str = "models/iris/model.toml";
    let scene = Scene::asked("signed", |team| {
        let policy = team.env.read("ada/registry.toml").replace("approvers = [\"@ml-leads\"]\n", "");
        team.env.write("ada/registry.toml", &policy.replace("policy_version = 2", "policy_version = 3"));
        team.git("ada", &["commit", "-q", "-a", "-m", "policy: the owners approve"]);
    });
    let team = &scene.team;
    let eve = |team: &Team| edit(team, MODEL, "owners = [\"ada@example.com\"]", "owners = [\"eve@example.com\"]");
    scene.refuses_each(&[(&["policy-with-move", "`owners` in models/iris/model.toml"], &eve)]);
    // By itself it is a change of the policy, which a server can lock.
    let push = || {
        team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
        eve(team);
        scene.commit();
        team.git("eve", &["checkout", "-q", "main"]);
        team.env.git_with_hooks("eve", &["push", "origin", "merged:main"])
    };
    team.git("hub.git", &["config", "modelreg.lockPolicy", "true"]);
    let refused = push();
    assert!(refused.contains("the push changes who may approve") && refused.ends_with("--- status 1\n"), "{refused}");
    // Other keys of the model are not locked.
    team.ok("eve", &["describe", "iris", "Which iris it is."]);
    let pushed = team.env.git_with_hooks("eve", &["push", "origin", "main"]);
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
    team.git("hub.git", &["config", "--unset", "modelreg.lockPolicy"]);
    let pushed = push();
    assert!(pushed.ends_with("--- status 0\n"), "{pushed}");
}

/// If another branch becomes the registry's branch, its commits must have been judged.
#[test]
fn safety_12_a_policy_does_not_make_a_branch_the_registrys_that_nobody_judged() {
    let scene = Scene::asked("signed", |_| {});
    let team = &scene.team;
    let push = |refs: &[&str]| team.env.git_with_hooks("eve", &[&["push", "-q", "origin"], refs].concat());
    team.git("eve", &["checkout", "-q", "-b", "named", "main"]);
    policy(team, "name = \"acme\"", "name = \"acme\"\nbranch = \"mine\"");
    scene.commit();
    // Eve's branch with a changed fact.
    team.git("eve", &["checkout", "-q", "-b", "mine"]);
    edit(team, "models/iris/versions/1.toml", "s3://models/iris/1", "s3://eve/1");
    scene.commit();
    let refused = |refs: &[&str]| {
        let said = push(refs);
        assert!(
            said.contains("names `mine` as the registry's branch, and `mine` has commits that were not checked"),
            "{said}"
        );
    };
    // In the same push, in an earlier push, and with an old commit.
    refused(&["mine", "named:main"]);
    team.git("eve", &["branch", "old", "main~1"]);
    for tip in ["mine", "old"] {
        team.git("hub.git", &["fetch", "-q", "../eve", &format!("+{tip}:mine")]);
        refused(&["named:main"]);
        refused(&["named:main", "+named:mine"]);
    }
    assert_eq!(team.env.tip("hub.git", "main"), team.env.tip("eve", "main"));
    // The valid counterpart: the branch is at the commit that names it.
    for refs in [["+named:mine"], ["named:main"]] {
        let said = push(&refs);
        assert!(said.ends_with("--- status 0\n"), "{said}");
    }
    let said = push(&["mine"]);
    assert!(said.contains("fact-changed"), "the branch is guarded now: {said}");
}
