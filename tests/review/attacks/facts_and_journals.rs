//! Threat 10: merged facts never change, and version numbers and journals only grow.

use super::{POINTER, STAGING, Scene, append, edit, entry};
use crate::{ID, Team};

/// `iris` has five versions, of which 3 is deleted and 1 has a comment, and 1 and 2 were in Staging. `rose` has one.
fn prepare(team: &Team) {
    team.ok("ada", &["register", "rose", "--artifact", "s3://models/rose/1"]);
    for version in 3..=5 {
        team.ok("ada", &["register", "iris", "--artifact", &format!("s3://models/iris/{version}")]);
    }
    team.ok("ada", &["delete", "iris@3", "--reason", "trained on the test set"]);
    team.ok("ada", &["comment", "iris", "1", "looks good"]);
    for version in ["1", "2"] {
        team.ok("ada", &["promote", "iris", version, "--to", "Staging", "--reason", &format!("try {version}")]);
    }
}

fn manifest(version: u64) -> String {
    format!("models/iris/versions/{version}.toml")
}

fn remove(team: &Team, path: &str) {
    team.git("eve", &["rm", "-q", "-r", path]);
}

/// A new manifest for a number, without the earlier contents.
fn manifest_anew(team: &Team, version: u64) {
    let text = format!(
        "format = 1\nversion = {version}\ncreated_at = 2026-01-02T03:04:05Z\ncreated_by = \"eve@example.com\"\n\n[artifact]\nuri = \"s3://eve/{version}\"\n"
    );
    team.env.write(&format!("eve/{}", manifest(version)), &text);
}

#[test]
fn safety_10_facts_of_merged_versions_stay() {
    let scene = Scene::approved("signed", prepare);
    scene.refuses_each(&[
        (&["fact-changed", "`artifact.uri` of version 1"], &|team| {
            edit(team, &manifest(1), "s3://models/iris/1", "s3://eve/1")
        }),
        (&["fact-changed", "`metrics.accuracy` of version 1"], &|team| edit(team, &manifest(1), "0.91", "0.95")),
        (&["fact-changed", "`metrics.f1` was added to version 1"], &|team| {
            edit(team, &manifest(1), "accuracy =", "f1 = 0.99\naccuracy =")
        }),
        (&["fact-changed", "`created_by` of version 4"], &|team| {
            edit(team, &manifest(4), "ada@example.com", "eve@example.com")
        }),
        (&["fact-changed", "`created_at` of version 4"], &|team| edit(team, &manifest(4), "2026-01", "2025-01")),
        // Facts of the version that the request moves: the approved facts would not be those that land.
        (&["fact-changed", "`metrics.accuracy` of version 2", "the signature covers another statement"], &|team| {
            edit(team, &manifest(2), "0.92", "0.99")
        }),
        (&["model-fact-changed", "`created_by`"], &|team| {
            edit(team, "models/iris/model.toml", "created_by = \"ada", "created_by = \"eve")
        }),
        (&["comment-rewritten"], &|team| edit(team, &manifest(1), "looks good", "looks bad")),
        (&["tombstone-changed"], &|team| edit(team, &manifest(3), "trained on the test set", "a slip")),
    ]);
    scene.afresh();
    // Editable keys may change.
    scene.team.ok("eve", &["describe", "iris@1", "the first"]);
    scene.team.ok("eve", &["comment", "iris", "1", "looks bad"]);
    scene.team.ok("eve", &["restore", "iris@3"]);
    scene.all_take();
}

#[test]
fn safety_10_versions_are_neither_removed_nor_renumbered_reused_or_skipped() {
    let scene = Scene::approved("signed", prepare);
    scene.refuses_each(&[
        // Removed: the last, which leaves no gap; one in between; a deleted one; all, also as a rename that omits the former
        // name.
        (&["version-removed", "version 5 of `iris` was removed"], &|team| remove(team, &manifest(5))),
        (&["version-removed", "version 4 of `iris` was removed", "version-gap"], &|team| remove(team, &manifest(4))),
        (&["version-removed", "version 3 of `iris` was removed"], &|team| remove(team, &manifest(3))),
        (&["model-removed", "the model `rose` was removed"], &|team| remove(team, "models/rose")),
        (&["model-removed", "the model `rose` was removed"], &|team| {
            team.git("eve", &["mv", "models/rose", "models/lily"]);
            edit(team, "models/lily/model.toml", "name = \"rose\"", "name = \"lily\"");
        }),
        // Renumbered: one moved up, and two exchanged.
        (&["version-removed", "version 5 of `iris` was removed", "version-gap"], &|team| {
            team.git("eve", &["mv", &manifest(5), &manifest(6)]);
            edit(team, &manifest(6), "version = 5", "version = 6");
        }),
        (&["fact-changed", "`artifact.uri` of version 4", "`artifact.uri` of version 5"], &|team| {
            let (four, five) = (team.env.read(&format!("eve/{}", manifest(4))), manifest(5));
            let five_text = team.env.read(&format!("eve/{five}"));
            team.env.write(&format!("eve/{five}"), &four.replace("version = 4", "version = 5"));
            team.env.write(&format!("eve/{}", manifest(4)), &five_text.replace("version = 5", "version = 4"));
        }),
        (&["version-mismatch", "`version` of version 5 changed from 5 to 6"], &|team| {
            edit(team, &manifest(5), "version = 5", "version = 6")
        }),
        // Reused: the number of a deleted version, and of an existing one.
        (&["fact-changed", "`artifact.uri` of version 3"], &|team| manifest_anew(team, 3)),
        (&["fact-changed", "`artifact.uri` of version 5"], &|team| manifest_anew(team, 5)),
        // Skipped.
        (&["version-gap", "version 6 is missing before this one"], &|team| manifest_anew(team, 7)),
    ]);
    // Removed, and added again with other contents, in two commits of one push.
    scene.spoil(&[&|team| remove(team, &manifest(5)), &|team| manifest_anew(team, 5)]);
    scene.all_refuse(&["fact-changed", "`artifact.uri` of version 5"]);
    scene.spoil(&[&|team| manifest_anew(team, 6)]);
    scene.all_take();
}

#[test]
fn safety_10_journals_only_grow_at_their_end() {
    let scene = Scene::approved("signed", prepare);
    let entries = |text: &str| text.split_inclusive("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let rearrange = |team: &Team, order: &[usize]| {
        let path = format!("eve/{STAGING}");
        let parts = entries(&(team.env.read(&path) + "\n"));
        team.env.write(&path, &order.iter().map(|at| parts[*at].as_str()).collect::<String>());
    };
    scene.refuses_each(&[
        // Rewritten: the reason, the author, the time, the move.
        (&["journal-rewritten", "entry 1 of Staging's journal"], &|team| edit(team, STAGING, "try 1", "as approved")),
        (&["journal-rewritten"], &|team| edit(team, STAGING, "by = \"ada", "by = \"eve")),
        (&["journal-rewritten"], &|team| edit(team, STAGING, "at = 2026-01-02", "at = 2026-01-01")),
        (&["journal-rewritten"], &|team| edit(team, STAGING, "action = \"promote\"", "action = \"rollback\"")),
        (&["journal-rewritten"], &|team| {
            edit(team, STAGING, "version = 1\n", "version = 4\n");
            edit(team, STAGING, "from = 1", "from = 4");
        }),
        // Also the journal of the stage that the request moves.
        (&["journal-rewritten", "entry 1 of Production's journal"], &|team| {
            edit(team, POINTER, "the first", "an older one")
        }),
        // Reordered: the times are the same, so only the entries differ.
        (&["journal-rewritten"], &|team| {
            rearrange(team, &[0, 2, 1]);
            edit(team, STAGING, "from = 1\n", "");
            edit(team, STAGING, "version = 1\nreason", "version = 1\nfrom = 2\nreason");
            edit(team, STAGING, "version = 2\n", "version = 1\n");
        }),
        // Shortened: at the end with a matching pointer, at the beginning, and completely.
        (&["journal-shortened", "had 2 entries and has 1"], &|team| {
            rearrange(team, &[0, 1]);
            edit(team, STAGING, "version = 2\n", "version = 1\n");
        }),
        (&["journal-rewritten"], &|team| {
            rearrange(team, &[0, 2]);
            edit(team, STAGING, "from = 1\n", "");
        }),
        (&["stage-file-removed"], &|team| remove(team, STAGING)),
        // Back-dated: before the last entry, and before the registration of the moved version.
        (&["journal-backdated", "before version 1 was registered"], &|team| {
            std::fs::create_dir(team.env.path("eve/models/rose/stages")).unwrap();
            let first = entry("promote", 1, 1).replace("from = 1\n", "").replace("2026-01-02", "2025-01-02");
            let text = format!("format = 1\nstage = \"Staging\"\nversion = 1\n{first}");
            team.env.write("eve/models/rose/stages/staging.toml", &text);
        }),
        (&["journal-backdated", "journal-time-order"], &|team| {
            append(team, STAGING, &entry("promote", 4, 2).replace("2026-01-02", "2026-01-01"));
            edit(team, STAGING, "version = 2\n", "version = 4\n");
        }),
        // Inserted in between.
        (&["journal-rewritten", "entry 2 of Staging's journal"], &|team| {
            edit(team, STAGING, "reason = \"try 1\"\n", &format!("reason = \"try 1\"\n{}", entry("promote", 4, 1)));
            edit(team, STAGING, "from = 1\nreason = \"try 2\"", "from = 4\nreason = \"try 2\"");
        }),
    ]);
    scene.spoil(&[&|team| {
        append(team, STAGING, &entry("promote", 4, 2));
        edit(team, STAGING, "version = 2\n", "version = 4\n");
    }]);
    scene.all_take();
}

/// An approval is evidence of a review. Otherwise every user who can push could add one to any old move, and to an
/// emergency that awaits approval.
#[test]
fn safety_10_a_move_that_landed_takes_no_approval_that_does_not_count() {
    let team = Team::new("signed");
    prepare(&team);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("lead", &["pull", "-q"]);
    team.ask();
    team.approve();
    team.ok("ada", &["land", ID]);
    team.ok("ada", &["rollback", "iris", "--reason", "it fails", "--emergency"]);
    team.git("ada", &["push", "-q", "origin", "main", &format!(":requests/{ID}")]);
    team.git("lead", &["pull", "-q"]);
    team.ask();
    team.approve();
    let scene = Scene::of(team, ID);
    let approved = "[[history.approvals]]\nby = \"lead@example.com\"\nat = 2026-01-02T03:04:05Z\n\n";
    let into = |team: &Team, before: &str| edit(team, POINTER, before, &format!("{approved}{before}"));
    let rollback = "[[history]]\nat = 2026-01-02T03:04:05.000Z\nby = \"ada@example.com\"\naction = \"rollback\"";
    scene.refuses_each(&[
        (
            &["late-approval-not-counted", "an approval was added to entry 2 of Staging, which counts no approvals"],
            &|team| append(team, STAGING, &format!("\n{approved}")),
        ),
        // Before the third entry, so in the second, which was approved and has landed.
        (
            &[
                "late-approval-not-counted",
                "`lead@example.com` does not count: `lead@example.com` has approved already",
            ],
            &|team| into(team, rollback),
        ),
        // In the third entry, the emergency.
        (
            &[
                "late-approval-not-counted",
                "the approval by `lead@example.com` does not count: the approval is not signed",
            ],
            &|team| {
                let path = format!("eve/{POINTER}");
                let mut text = team.env.read(&path);
                text.insert_str(text.rfind("[[history]]").unwrap(), approved);
                team.env.write(&path, &text);
            },
        ),
    ]);
    scene.afresh();
    scene.all_take();
}
