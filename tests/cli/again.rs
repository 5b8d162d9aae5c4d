//! A version that a stage was rolled back from comes back only with `--again`.

use crate::common::TestEnvironment;

const AGAIN: [&str; 5] = ["promote", "iris", "2", "--to", "Production"];

fn rolled_back() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &AGAIN);
    env.succeed("reg", &["rollback", "iris", "--reason", "it never answers virginica"]);
    env
}

#[test]
fn a_promotion_of_a_version_that_was_rolled_back_from_says_so_and_wants_again() {
    let env = rolled_back();
    let tip = env.tip("reg", "main");
    for more in [&[][..], &["--dry-run"], &["--request"]] {
        let shown = env.run("reg", &[&AGAIN[..], more].concat());
        let why = "Production was rolled back from version 2 of `iris` at 2026-01-02 03:04:05 by ada@example.com: it never answers virginica";
        assert!(shown.contains(why) && shown.contains("--again` promotes it again"), "{shown}");
        assert!(shown.ends_with("--- status 1\n"), "{shown}");
    }
    assert_eq!(env.tip("reg", "main"), tip);
    env.succeed("reg", &[&AGAIN[..], &["--again", "--dry-run"]].concat());
    env.succeed("reg", &[&AGAIN[..], &["--again"]].concat());
    // It is back, and another version replaced it: that was no rollback.
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &AGAIN);
}

#[test]
fn other_stages_and_versions_that_were_only_replaced_need_no_again() {
    let env = rolled_back();
    env.succeed("reg", &["promote", "iris", "2", "--to", "Staging"]);
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production"]);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production"]);
    env.succeed("reg", &["rollback", "iris", "--to", "2", "--reason", "2 was right"]);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production"]);
    // A rollback brought it back, so it needs no word either.
    env.succeed("reg", &AGAIN);
}
