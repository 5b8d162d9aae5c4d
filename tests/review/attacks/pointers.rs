//! Threat 11: a pointer names the version that follows from the journal, in a stage of the registry, and the version is live.

use super::{POINTER, STAGING, Scene, append, edit, entry};
use crate::Team;

/// `iris` has five versions, of which 3 is deleted and 4 archived, and 1 is in Staging. `rose` has seven.
fn prepare(team: &Team) {
    for version in 3..=5 {
        team.ok("ada", &["register", "iris", "--artifact", &format!("s3://models/iris/{version}")]);
    }
    for version in 1..=7 {
        team.ok("ada", &["register", "rose", "--artifact", &format!("s3://models/rose/{version}")]);
    }
    team.ok("ada", &["promote", "iris", "1", "--to", "Staging"]);
    team.ok("ada", &["delete", "iris@3", "--reason", "trained on the test set"]);
    team.ok("ada", &["archive", "iris", "4"]);
}

/// Moves Staging's pointer in Eve's clone, with a matching journal entry.
fn promote(team: &Team, version: u64) {
    edit(team, STAGING, "version = 1\n", &format!("version = {version}\n"));
    append(team, STAGING, &entry("promote", version, 1));
}

#[test]
fn safety_11_a_pointer_names_a_live_version_of_its_model() {
    let scene = Scene::approved("signed", prepare);
    scene.refuses_each(&[
        (&["pointer-to-missing", "journal-version-missing", "version 9"], &|team| promote(team, 9)),
        // A version that only another model has.
        (&["pointer-to-missing", "journal-version-missing", "version 7"], &|team| promote(team, 7)),
        (&["pointer-to-deleted", "`Staging` points to version 3, which is deleted"], &|team| promote(team, 3)),
        (&["pointer-to-archived", "`Staging` points to version 4, which is archived"], &|team| promote(team, 4)),
        // A version that is in a stage, or is about to enter one, is deleted, archived or removed.
        (&["pointer-to-deleted", "`Production` points to version 2"], &|team| {
            let tombstone = "\n[deleted]\nat = 2026-01-02T03:04:05Z\nby = \"eve@example.com\"\n";
            append(team, "models/iris/versions/2.toml", tombstone);
        }),
        (&["pointer-to-deleted", "whose model is deleted"], &|team| {
            let tombstone = "\n[deleted]\nat = 2026-01-02T03:04:05Z\nby = \"eve@example.com\"\n";
            append(team, "models/iris/model.toml", tombstone);
        }),
        (&["pointer-to-archived", "`Production` points to version 2"], &|team| {
            edit(team, "models/iris/versions/2.toml", "version = 2\n", "version = 2\narchived = true\n")
        }),
        (&["pointer-to-missing", "version-removed"], &|team| {
            drop(team.git("eve", &["rm", "-q", "models/iris/versions/1.toml"]))
        }),
        // Versions in `beside` are in the stage too.
        (&["bad-beside", "version 3 is deleted"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 1\nbeside = [3]\n")
        }),
        (&["bad-beside", "version 5 was never promoted into this stage"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 1\nbeside = [5]\n")
        }),
    ]);
    scene.spoil(&[&|team| promote(team, 5)]);
    scene.all_take();
}

#[test]
fn safety_11_a_pointer_is_what_its_journal_gives() {
    let scene = Scene::approved("signed", prepare);
    scene.refuses_each(&[
        (&["pointer-untrue", "the pointer is version 5, but the journal gives version 2"], &|team| {
            edit(team, POINTER, "version = 2\n", "version = 5\n")
        }),
        (&["pointer-untrue", "the pointer is nothing, but the journal gives version 2"], &|team| {
            edit(team, POINTER, "version = 2\n", "")
        }),
        (&["pointer-untrue", "the pointer is version 2, but the journal gives version 1"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 2\n")
        }),
        (&["pointer-untrue", "the pointer is version 1, but the journal gives version 5"], &|team| {
            append(team, STAGING, &entry("promote", 5, 1))
        }),
        // Entries that cannot follow the entries before them.
        (&["journal-illegal", "`from` is version 2, but the journal gives version 1"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 5\n");
            append(team, STAGING, &entry("promote", 5, 2));
        }),
        (&["journal-illegal", "version 5 was never in the stage"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 5\n");
            append(team, STAGING, &entry("rollback", 5, 1));
        }),
        (&["journal-illegal", "version 1 is already in the stage"], &|team| {
            append(team, STAGING, &entry("promote", 1, 1))
        }),
    ]);
    scene.spoil(&[&|team| {
        edit(team, STAGING, "version = 1\n", "");
        append(team, STAGING, &entry("withdraw", 1, 1));
    }]);
    scene.all_take();
}

#[test]
fn safety_11_a_stage_is_one_that_the_registry_has() {
    let scene = Scene::approved("signed", prepare);
    let canary = "models/iris/stages/canary.toml";
    let text = |team: &Team, stage: &str| team.env.read(&format!("eve/{STAGING}")).replace("\"Staging\"", stage);
    scene.refuses_each(&[
        (&["unknown-stage-file", "no stage of the registry has the file `canary.toml`"], &|team| {
            team.env.write(&format!("eve/{canary}"), &text(team, "\"Canary\""))
        }),
        // The forge guards the file of one stage, but readers use the key.
        (&["stage-file-mismatch", "the file of the stage `Production` is `production.toml`"], &|team| {
            let text = text(team, "\"Production\"");
            team.env.write(&format!("eve/{STAGING}"), &text)
        }),
        (&["stage-file-mismatch", "unknown-stage-file"], &|team| {
            team.env.write(&format!("eve/{canary}"), &text(team, "\"Production\""))
        }),
        // Another spelling of the stage, for which no policy would be found.
        (&["stray-file"], &|team| {
            team.env.write("eve/models/iris/stages/Production.TOML", &text(team, "\"PRODUCTION\""))
        }),
        // A stage that the change itself declares.
        (&["policy-with-move"], &|team| {
            edit(
                team,
                "registry.toml",
                "policy_version = 2\n",
                "policy_version = 3\n\n[[stages]]\nname = \"Canary\"\n",
            );
            team.env.write(&format!("eve/{canary}"), &text(team, "\"Canary\""));
        }),
    ]);
    scene.spoil(&[&|team| {
        // The valid counterpart: a model's first journal of an existing stage.
        let staging = "format = 1\nstage = \"Staging\"\nversion = 7\n";
        std::fs::create_dir(team.env.path("eve/models/rose/stages")).unwrap();
        let first = entry("promote", 7, 1).replace("from = 1\n", "");
        team.env.write("eve/models/rose/stages/staging.toml", &format!("{staging}{first}"));
    }]);
    scene.all_take();
}
