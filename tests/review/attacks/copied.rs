//! Threat 13: an existing approval that is copied to another move.

use super::approvals::{GOOD, sign_request};
use super::{POINTER, Scene, append, edit};
use crate::{ID, Team};

/// The approval at the end of a journal.
fn last_approval(journal: &str) -> String {
    let at = journal.rfind("[[history.approvals]]").unwrap();
    format!("\n{}", &journal[at..])
}

/// Ada requests a move, and the lead approves it. Returns the journal.
fn approved_elsewhere(team: &Team, id: &str, journal: &str) -> String {
    let [model, stage, version] = id.split('/').collect::<Vec<_>>()[..] else { panic!("{id}") };
    team.ok("ada", &["promote", model, version, "--to", stage, "--reason", "better"]);
    let branch = format!("requests/{id}");
    team.git("ada", &["push", "-q", "origin", "main", &branch]);
    team.git("lead", &["pull", "-q"]);
    team.ok("lead", &["approve", id]);
    team.git("lead", &["push", "-q", "origin", &branch]);
    team.git("lead", &["show", &format!("{branch}:{journal}")]) + "\n"
}

#[test]
fn safety_13_the_approval_of_another_version_or_model_does_not_count() {
    let (mut version, mut model) = (String::new(), String::new());
    let scene = Scene::asked("signed", |team| {
        for number in 1..=2 {
            let (uri, accuracy) = (format!("s3://models/iris/{number}"), format!("accuracy=0.9{number}"));
            // Exactly the same facts, under another name.
            team.ok("ada", &["register", "rose", "--artifact", &uri, "--metric", &accuracy]);
        }
        team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3"]);
        version = approved_elsewhere(team, "iris/Production/3", POINTER);
        model = approved_elsewhere(team, "rose/Production/2", "models/rose/stages/production.toml");
    });
    for other in [&version, &model] {
        scene.spoil(&[&|team| append(team, POINTER, &last_approval(other))]);
        scene.all_refuse(&["approvals-missing", "the signature covers another statement"]);
    }
    scene.refuses_each(&[
        // The same if the request's move equals the approved one except for the version.
        (&["approvals-missing", "the signature covers another statement"], &|team| {
            let text = version.replace("version = 3", "version = 2");
            team.env.write(&format!("eve/{POINTER}"), &text);
        }),
        // The same if the model lists the other one's name as a former name.
        (&["approvals-missing", "the signature covers another statement", "former-name-taken"], &|team| {
            append(team, POINTER, &last_approval(&model));
            edit(team, "models/iris/model.toml", "name = \"iris\"\n", "name = \"iris\"\nformer_names = [\"rose\"]\n");
        }),
    ]);
    let team = scene.team;
    team.git("lead", &["checkout", "-q", "main"]);
    for id in ["iris/Production/3", "rose/Production/2"] {
        team.ok("lead", &["land", id]);
    }
}

/// A first move whose statement differs from another model's only in the name.
#[test]
fn safety_13_a_name_that_another_model_has_does_not_bring_its_approvals() {
    let team = Team::new("signed");
    for model in ["rose", "lily"] {
        team.ok("ada", &["register", model, "--artifact", "s3://models/rose/1"]);
    }
    let rose = approved_elsewhere(&team, "rose/Production/1", "models/rose/stages/production.toml");
    team.ok("ada", &["promote", "lily", "1", "--to", "Production", "--reason", "better"]);
    team.git("ada", &["push", "-q", "origin", "requests/lily/Production/1"]);
    let scene = Scene::of(team, "lily/Production/1");
    let copied = |team: &Team| team.env.write("eve/models/lily/stages/production.toml", &rose);
    scene.refuses_each(&[
        (&["approvals-missing", "the signature covers another statement"], &copied),
        (&["approvals-missing", "the signature covers another statement", "former-name-taken"], &|team| {
            copied(team);
            edit(team, "models/lily/model.toml", "name = \"lily\"\n", "name = \"lily\"\nformer_names = [\"rose\"]\n");
        }),
    ]);
}

/// Production goes from 1 to 2 and back to 1. The request moves it to 2 again: the same move, at another place.
#[test]
fn safety_13_the_approval_of_a_move_is_not_that_of_the_same_move_a_second_time() {
    let team = Team::new("signed");
    let asked = |again: &[&str]| {
        team.ok("ada", again);
        let id = if again[0] == "rollback" { "iris/Production/1" } else { ID };
        team.git("ada", &["push", "-q", "origin", "main", &format!("requests/{id}")]);
        team.git("lead", &["pull", "-q"]);
        id
    };
    let promote = ["promote", "iris", "2", "--to", "Production", "--reason", "better", "--again"];
    for moves in [&promote[..], &["rollback", "iris", "--reason", "it fails"]] {
        let id = asked(moves);
        team.ok("lead", &["approve", id]);
        team.ok("lead", &["land", id]);
        team.git("lead", &["push", "-q", "origin", "main", &format!(":requests/{id}")]);
        team.git("ada", &["pull", "-q", "--prune"]);
        team.git("ada", &["branch", "-q", "-D", &format!("requests/{id}")]);
    }
    asked(&promote);
    let scene = Scene::of(team, ID);
    let journal = scene.team.env.read(&format!("eve/{POINTER}"));
    let first = last_approval(&journal[..journal.find("action = \"rollback\"").unwrap()]);
    let first = first.split("\n\n").next().unwrap().to_owned() + "\n";
    assert!(first.contains("END SSH SIGNATURE"), "{first}");
    scene.spoil(&[&|team| append(team, POINTER, &format!("\n{first}"))]);
    scene.all_refuse(&["approvals-missing", "the signature covers another statement"]);
    scene.team.git("lead", &["checkout", "-q", "main"]);
    scene.team.ok("lead", &["approve", ID]);
    scene.team.git("eve", &["fetch", "-q", "../lead", &format!("+requests/{ID}:refs/remotes/origin/requests/{ID}")]);
    scene.afresh();
    scene.all_take();
}

/// A version that is not merged yet can still change. The approval covers the earlier facts.
#[test]
fn safety_13_the_approval_of_a_version_is_not_that_of_other_facts() {
    let team = Team::new("signed");
    let (id, branch) = ("iris/Production/3", "requests/iris/Production/3");
    team.git("ada", &["checkout", "-q", "-b", branch]);
    team.ok("ada", &["register", "iris", "--artifact", "s3://models/iris/3", "--metric", "accuracy=0.93"]);
    let path = format!("ada/{POINTER}");
    let text = team.env.read(&path).replacen("version = 1\n", "version = 3\n", 1);
    let entry = super::entry("promote", 3, 1).replace("eve@", "ada@");
    team.env.write(&path, &format!("{text}{entry}"));
    sign_request(&team, "ada", "ada");
    team.git("ada", &["commit", "-q", "-a", "-m", "promote what comes with it"]);
    team.git("ada", &["push", "-q", "origin", branch]);
    let scene = Scene::of(team, id);
    let manifest = "models/iris/versions/3.toml";
    for (from, to) in [
        ("s3://models/iris/3", "s3://eve/3"),
        ("0.93", "0.99"),
        ("accuracy =", "f1 = 0.9\naccuracy ="),
        ("created_by = \"ada", "created_by = \"eve"),
    ] {
        scene.spoil(&[&|team| GOOD.add(team), &|team| edit(team, manifest, from, to)]);
        scene.all_refuse(&["approvals-missing", "the signature covers another statement"]);
    }
    // Keys that are not facts may change.
    scene.spoil(&[&|team| GOOD.add(team), &|team| {
        edit(team, manifest, "version = 3\n", "version = 3\ndescription = \"the third\"\n")
    }]);
    scene.all_take();
}
