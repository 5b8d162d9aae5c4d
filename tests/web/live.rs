//! A page follows the branch.

use std::thread::sleep;
use std::time::Duration;

use crate::common::TestEnvironment;
use crate::{dashboard, page};

#[test]
fn a_commit_is_seen_and_an_answer_shows_one_commit() {
    let env = TestEnvironment::with_model();
    let app = dashboard(&env);
    let stamp = |page: &str| page.split("data-stamp=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let before = page(&app, "/models/iris/");
    assert!(!before.contains("Version 3") && before.contains(&env.tip("reg", "main")[..10]));
    env.register("iris", 3);
    sleep(Duration::from_millis(350));
    let after = page(&app, "/models/iris/");
    assert!(after.contains("Version 3") && after.contains(&env.tip("reg", "main")[..10]));
    assert_ne!(stamp(&before), stamp(&after));
    // Nothing has happened: nothing is new.
    sleep(Duration::from_millis(350));
    assert_eq!(stamp(&page(&app, "/")), stamp(&after));
}
