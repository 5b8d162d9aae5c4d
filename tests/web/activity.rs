//! The page of all events, and its filters.

use crate::common::TestEnvironment;
use crate::{dashboard, page};

/// Two people, two models, four days, and an open request.
fn four_days() -> TestEnvironment {
    let mut env = TestEnvironment::with_registry();
    let person = |env: &TestEnvironment, email: &str| env.git("reg", &["config", "user.email", email]);
    env.set_clock("2026-01-01T10:00:00.000Z");
    person(&env, "ada@example.com");
    env.register("iris", 1);
    env.set_clock("2026-01-02T10:00:00.000Z");
    person(&env, "kim@example.com");
    env.register("fir", 1);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Staging"]);
    env.set_clock("2026-01-03T10:00:00.000Z");
    env.succeed("reg", &["promote", "fir", "1", "--to", "Staging", "--request"]);
    env.succeed("reg", &["comment", "iris", "1", "Good."]);
    env.set_clock("2026-01-04T10:00:00.000Z");
    person(&env, "ada@example.com");
    env.succeed("reg", &["describe", "iris@1", "The first."]);
    env.succeed("reg", &["delete", "fir@1"]);
    env
}

/// The lines of a page: the model and version, the event and the author, newest first.
fn lines(page: &str) -> Vec<String> {
    let text = |markup: &str| {
        let parts = markup.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        parts.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lines = page.split("<li class=\"event").skip(1).map(|rest| rest.split("</li>").next().unwrap());
    lines.map(|line| text(&format!("<{line}")).replace("@example.com ·", ":")).collect()
}

#[test]
fn all_events_of_the_files_are_listed_newest_first() {
    let env = four_days();
    let shown = lines(&page(&dashboard(&env), "/activity/"));
    assert_eq!(
        shown,
        [
            "fir version 1 deleted ada: 2026-01-04 10:00",
            "iris version 1 edited ada: 2026-01-04 10:00",
            "iris version 1 commented on Good. kim: 2026-01-03 10:00",
            "fir version 1 requested for Staging kim: 2026-01-03 10:00",
            "fir version 1 registered kim: 2026-01-02 10:00",
            "fir created kim: 2026-01-02 10:00",
            "iris version 1 promoted to Staging kim: 2026-01-02 10:00",
            "iris version 1 registered The first. ada: 2026-01-01 10:00",
            "iris created ada: 2026-01-01 10:00",
        ]
    );
}

#[test]
fn filters_by_person_model_kind_and_time_work_alone_and_together() {
    let env = four_days();
    let app = dashboard(&env);
    let shown = |query: &str| lines(&page(&app, &format!("/activity/?{query}")));
    let all = shown("");
    let only = |part: &str| all.iter().filter(|line| line.contains(part)).cloned().collect::<Vec<_>>();
    for (query, part, count) in [
        ("by=kim@example.com", "kim:", 5),
        ("by=ada@example.com", "ada:", 4),
        ("model=FIR", "fir ", 4),
        ("kind=create", " created ", 2),
        ("kind=register", " registered ", 2),
        ("kind=promote", " promoted ", 1),
        ("kind=request", " requested ", 1),
        ("kind=comment", " commented ", 1),
        ("kind=edit", " edited ", 1),
        ("kind=delete", " deleted ", 1),
        ("since=2026-01-04", "2026-01-04", 2),
        ("until=2026-01-01", "2026-01-01", 2),
        ("since=2026-01-02&until=2026-01-02", "2026-01-02", 3),
    ] {
        let found = shown(query);
        assert_eq!((&found, found.len()), (&only(part), count), "{query}");
    }
    let together = "by=kim@example.com&model=iris&kind=comment&since=2026-01-03&until=2026-01-03T10:00:01Z";
    assert_eq!(shown(together), ["iris version 1 commented on Good. kim: 2026-01-03 10:00"]);
    for nothing in ["by=lee@example.com", "kind=rollback", "kind=nonsense", "since=2027-01-01", "until=2025-01-01"] {
        assert_eq!(shown(nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn a_list_of_many_events_has_each_on_one_page_also_beside_an_open_request() {
    let env = four_days();
    for number in 0..60 {
        env.succeed("reg", &["comment", "iris", "1", &format!("remark {number}")]);
    }
    let app = dashboard(&env);
    let (first, second) = (page(&app, "/activity/"), page(&app, "/activity/?page=2"));
    assert!(first.contains("Page 1 of 2") && second.contains("Page 2 of 2"));
    let shown = [lines(&first), lines(&second)].concat();
    let unique: std::collections::BTreeSet<_> = shown.iter().collect();
    // Only the last edit of a file is known, by its time.
    assert_eq!((shown.len(), unique.len()), (68, 68), "{shown:?}");
    assert_eq!(lines(&page(&app, "/activity/?page=3")), lines(&second));
}

#[test]
fn decisions_about_requests_have_their_own_kinds() {
    let env = four_days();
    let reason = ["--reason", "Not yet."];
    env.succeed("reg", &[&["reject", "fir/Staging/1"], &reason[..]].concat());
    env.git("reg", &["config", "user.email", "kim@example.com"]);
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production", "--request"]);
    env.succeed("reg", &["reject", "iris/Production/1"]);
    let app = dashboard(&env);
    let one = |kind: &str| lines(&page(&app, &format!("/activity/?kind={kind}"))).concat();
    assert!(one("reject").starts_with("fir version 1 had a request rejected for Staging Not yet."));
    assert!(
        one("withdraw-request").starts_with("iris version 1 had a request withdrawn"),
        "{}",
        one("withdraw-request")
    );
    assert_eq!(one("request"), "");
    let decided = page(&app, "/requests/");
    assert!(decided.contains(">Rejected</span>") && decided.contains(">Withdrawn</span>"), "{decided}");
}

#[test]
fn a_move_leads_to_its_pull_request() {
    let env = four_days();
    let file = "reg/models/iris/stages/staging.toml";
    let link = "https://forge.example.com/acme/pulls/7";
    env.write(file, &env.read(file).replace("action = ", &format!("request = \"{link}\"\naction = ")));
    env.git("reg", &["commit", "-qam", "its pull request"]);
    let app = dashboard(&env);
    for path in ["/activity/?kind=promote", "/models/iris/", "/requests/"] {
        assert!(page(&app, path).contains(&format!("<a href=\"{link}\">")), "{path}");
    }
    assert!(
        page(&app, "/activity.atom")
            .contains(&format!("<link rel=\"related\" title=\"Pull request\" href=\"{link}\"/>"))
    );
}
