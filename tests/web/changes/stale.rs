//! Forms of pages that are out of date.

use axum::http::StatusCode;

use super::{Browser, HOST, MODEL, VERSION, reviewed, subject};
use crate::ask_as;
use crate::common::TestEnvironment;

#[test]
fn a_form_of_a_changed_model_is_refused_and_keeps_its_fields() {
    let env = TestEnvironment::with_model();
    for version in 1..=2 {
        env.succeed("reg", &["promote", "iris", &version.to_string(), "--to", "Production"]);
    }
    let browser = Browser::new(&env);
    let form = format!(
        "do=rollback&form=rollback+Production&stage=Production&to=1&reason=%3C%2Ftextarea%3E%3Cb%3Eworse{}",
        browser.hidden(MODEL)
    );
    env.register("iris", 3);
    env.succeed("reg", &["promote", "iris", "3", "--to", "Production"]);
    let tip = env.tip("reg", "main");
    let refused = browser.sends(MODEL, &form);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("`iris` has changed since the page was shown"), "{}", refused.text);
    assert!(refused.text.contains("Roll back to 2…") && refused.text.contains(&tip[..10]), "the page is the newest");
    assert!(refused.text.contains("&#60;/textarea&#62;&#60;b&#62;worse</textarea>"), "what was typed is there");
    assert_eq!(env.tip("reg", "main"), tip);
    // Changes of other models do not matter.
    let hidden = browser.hidden(MODEL);
    env.register("rose", 1);
    let sent = browser.sends(MODEL, &format!("do=rollback&stage=Production&to=2&reason=worse{hidden}"));
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    assert_eq!(subject(&env), "Roll back iris in Production from 3 to 2");
    // A form with an unknown commit or without a commit is refused.
    let token = hidden.split("&commit").next().unwrap();
    for commit in ["", "x", "0123456789012345678901234567890123456789"] {
        let sent = browser.sends(MODEL, &format!("do=describe&text=x{token}&commit={commit}"));
        assert_eq!(sent.status, StatusCode::CONFLICT, "{commit}");
    }
}

/// The sender of a form has seen the state that the form changes, even after a fetch or a wait for the lock.
#[test]
fn fetched_commits_do_not_count_as_seen() {
    let env = reviewed();
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git(".", &["clone", "-q", "hub.git", "other"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    let ask = |reason: &str| {
        env.succeed("other", &["promote", "iris", "2", "--to", "Production", "--reason", reason, "--push"]);
    };
    ask("honest");
    env.git("reg", &["fetch", "-q", "origin"]);
    let browser = Browser::of(&env, true);
    let approve = format!("do=approve&id=iris/Production/2{}", browser.hidden("/requests/"));
    let promote = format!("do=promote&stage=Staging{}", browser.hidden(VERSION));
    env.succeed("other", &["reject", "iris/Production/2", "--push"]);
    ask("something else");
    env.succeed("other", &["promote", "iris", "1", "--to", "Staging", "--push"]);
    for (path, form) in [("/requests/", &approve), (VERSION, &promote)] {
        let refused = browser.sends(path, form);
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}: {}", refused.text);
        assert!(refused.text.contains("has changed since the page was shown"), "{path}: {}", refused.text);
    }
    assert!(!env.git("hub.git", &["log", "-1", "--format=%s", "requests/iris/Production/2"]).contains("Approve"));
    let shown = browser.does("/requests/", "do=approve&id=iris/Production/2");
    assert!(shown.contains("1 of 1 approvals"), "{shown}");
}

#[test]
fn a_form_is_refused_after_a_change_of_policy_branch_or_user() {
    let env = reviewed();
    let browser = Browser::new(&env);
    let promote = format!("do=promote&stage=Production{}", browser.hidden(VERSION));
    let policy = env.read("reg/registry.toml").replace("policy_version = 2", "policy_version = 3");
    env.write("reg/registry.toml", &policy.replace("review = \"recorded\"", "review = \"none\""));
    env.git("reg", &["commit", "-qam", "no review"]);
    let refused = browser.sends(VERSION, &promote);
    assert_eq!(refused.status, StatusCode::CONFLICT, "it would have landed at once: {}", refused.text);
    let tag = format!("do=tag&key=a&value=b{}", browser.hidden(MODEL));
    env.git("reg", &["switch", "-q", "-c", "mine"]);
    let refused = browser.sends(MODEL, &tag);
    assert!(refused.status == StatusCode::CONFLICT && refused.text.contains("on `mine`"), "{}", refused.text);
    env.git("reg", &["switch", "-q", "main"]);
    env.git("reg", &["config", "user.email", "eve@example.com"]);
    let refused = browser.sends(MODEL, &tag);
    assert!(
        refused.status == StatusCode::CONFLICT && refused.text.contains("as `eve@example.com`"),
        "{}",
        refused.text
    );
    env.git("reg", &["config", "user.email", "lead@example.com"]);
    assert_eq!(browser.sends(MODEL, &tag).status, StatusCode::SEE_OTHER);
}

#[test]
fn an_edit_of_a_renamed_model_is_refused_and_a_comment_is_accepted() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let form = format!("do=describe&text=Flowers{}", browser.hidden(MODEL));
    let comment = format!("do=comment&text=Still+taken{}", browser.hidden(VERSION));
    env.succeed("reg", &["rename", "iris", "flowers"]);
    let refused = browser.sends(MODEL, &form);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Nothing was changed"), "{}", refused.text);
    let sent = browser.sends(VERSION, &comment);
    let to = format!("{VERSION}{}", sent.headers["location"].to_str().unwrap());
    let moved = ask_as(&browser.app, "GET", &to, &[("host", HOST), ("cookie", &browser.cookie)]);
    assert!(moved.headers["location"].to_str().unwrap().contains("flowers/versions/2/?done="));
}

#[test]
fn a_request_that_was_changed_since_is_not_approved() {
    let env = reviewed();
    let browser = Browser::new(&env);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    let form = format!("do=approve&id=iris/Production/2{}", browser.hidden("/requests/"));
    env.succeed("reg", &["reject", "iris/Production/2"]);
    env.succeed("reg", &["promote", "iris", "2", "--to", "Production", "--reason", "another reason"]);
    let refused = browser.sends("/requests/", &form);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("the request iris/Production/2 has changed since"), "{}", refused.text);
}
