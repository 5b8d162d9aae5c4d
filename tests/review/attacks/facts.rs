//! 10: facts that are edited, versions that are taken away or numbered otherwise, journals that do not only grow.

use super::{IRIS, POINTER, Team, approved, attack, replace};

#[test]
fn what_nobody_has_touched_is_taken_by_all_three() {
    attack(&approved("recorded"), |_| {}).taken();
}

#[test]
fn safety_10_facts_and_versions_stay_as_they_are() {
    let team = approved("recorded");
    let version = |number: u64| format!("{IRIS}/versions/{number}.toml");
    let edited = |team: &Team| replace(team, &version(1), "accuracy = 0.91", "accuracy = 0.99");
    attack(&team, edited).refused("fact-changed");
    let removed = |team: &Team| std::fs::remove_file(team.env.path(version(1))).unwrap();
    attack(&team, removed).refused("version-removed");
    let renumbered = |team: &Team| {
        replace(team, &version(4), "version = 4", "version = 5");
        std::fs::rename(team.env.path(version(4)), team.env.path(version(5))).unwrap();
    };
    attack(&team, renumbered).refused("version-removed");
    let reused = |team: &Team| {
        let text = team.env.read(&version(3)).replace("s3://models/iris/3", "s3://models/iris/better");
        let text = text.split("\n[deleted]").next().unwrap().to_owned();
        team.env.write(&version(3), &format!("{text}\n"));
    };
    attack(&team, reused).refused("fact-changed");
    let skipped = |team: &Team| {
        let text = team.env.read(&version(2)).replace("version = 2", "version = 6");
        team.env.write(&version(6), &text);
    };
    attack(&team, skipped).refused("version-gap");
}

#[test]
fn safety_10_a_journal_only_grows() {
    let team = approved("recorded");
    let pointer = format!("eve/{POINTER}");
    let rewritten = |team: &Team| replace(team, &pointer, "reason = \"the first\"", "reason = \"the best\"");
    attack(&team, rewritten).refused("journal-rewritten");
    let back_dated = |team: &Team| {
        let text = team.env.read(&pointer);
        let (old, new) = text.rsplit_once("[[history]]").unwrap();
        let dated = new.replacen("2026-01-02T03:04:05", "2025-01-02T03:04:05", 1);
        team.env.write(&pointer, &format!("{old}[[history]]{dated}"));
    };
    attack(&team, back_dated).refused("journal-backdated");
}

/// Where its entries are not in their place, the request's move is not found: `land` knows no request, and the other two
/// say what is wrong with it.
#[test]
fn safety_10_a_journal_is_neither_shortened_nor_reordered() {
    let team = approved("recorded");
    let pointer = format!("eve/{POINTER}");
    let shortened = |team: &Team| team.env.write(&pointer, "format = 1\nstage = \"Production\"\n");
    let reordered = |team: &Team| {
        let text = team.env.read(&pointer);
        let parts: Vec<&str> = text.split("\n[[history]]").collect();
        team.env.write(&pointer, &format!("{}\n[[history]]{}\n[[history]]{}", parts[0], parts[2], parts[1]));
    };
    for (judged, says) in
        [(attack(&team, shortened), "journal-shortened"), (attack(&team, reordered), "journal-rewritten")]
    {
        for said in [&judged.validate, &judged.push] {
            assert!(said.contains(says) && said.ends_with("--- status 1\n"), "{said}");
        }
        assert!(judged.land.contains("is no request") && judged.land.ends_with("--- status 1\n"), "{}", judged.land);
    }
}
