//! 11: pointers to what cannot be in a stage.

use super::{IRIS, POINTER, Team, approval, approved, attack, replace};

#[test]
fn safety_11_a_pointer_names_a_live_version_of_its_own_model() {
    let team = approved("recorded");
    let pointer = format!("eve/{POINTER}");
    // Iris has no version 5, and tulip has one.
    for (version, says) in
        [(99, "pointer-to-missing"), (5, "pointer-to-missing"), (3, "pointer-to-deleted"), (4, "pointer-to-archived")]
    {
        let moved = |team: &Team| {
            let text = team.env.read(&pointer).replacen("version = 2", &format!("version = {version}"), 1);
            let entry = format!(
                "\n[[history]]\nat = 2026-01-02T03:04:07Z\nby = \"ada@example.com\"\naction = \"promote\"\nversion = {version}\nfrom = 2\n"
            );
            let late = approval("lead@example.com", "").replace("03:04:06", "03:04:08");
            team.env.write(&pointer, &(text + &entry + &late));
        };
        attack(&team, moved).refused(says);
    }
}

#[test]
fn safety_11_a_pointer_is_what_its_journal_gives() {
    let team = approved("recorded");
    let pointer = format!("eve/{POINTER}");
    let untrue = |team: &Team| replace(team, &pointer, "version = 2", "version = 1");
    attack(&team, untrue).refused("pointer-untrue");
    let beside = |team: &Team| replace(team, &pointer, "version = 2\n", "version = 2\nbeside = [1, 2]\n");
    attack(&team, beside).refused("bad-beside");
    let staging = format!("{IRIS}/stages/staging.toml");
    let unseen = |team: &Team| {
        team.env.write(&staging, "format = 1\nstage = \"Staging\"\nversion = 1\n");
    };
    attack(&team, unseen).refused("pointer-untrue");
}

#[test]
fn safety_11_a_stage_is_one_that_the_registry_has() {
    let team = approved("recorded");
    let shadow = |team: &Team| {
        let text = team.env.read(&format!("eve/{POINTER}")).replace("\"Production\"", "\"Shadow\"");
        team.env.write(&format!("{IRIS}/stages/shadow.toml"), &text);
    };
    attack(&team, shadow).refused("unknown-stage-file");
}
