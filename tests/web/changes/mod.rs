//! Changing the registry from its pages: the permission, the effect of each form, and the refusals.

mod attacks;
mod stale;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use modelreg::ops::{Environment, Session};
use modelreg::web::{Changes, Hosts, Key, Site, Sites, app};

use crate::common::TestEnvironment;
use crate::{Answer, answer_to, ask_as, dashboard, page};

const HOST: &str = "127.0.0.1:5800";
const HERE: &str = "http://127.0.0.1:5800";
const FORM: &str = "application/x-www-form-urlencoded";

/// A browser with the key of a server that the lead runs.
struct Browser {
    app: Router,
    cookie: String,
}

impl Browser {
    fn new(env: &TestEnvironment) -> Self {
        Self::of(env, false)
    }

    fn of(env: &TestEnvironment, push: bool) -> Self {
        let (app, key) = server(env);
        let entered = Self { app, cookie: String::new() }.sends("/enter/", &format!("key={}", key.as_str()));
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text);
        let cookie = entered.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { app: server_with(env, &key, push), cookie }
    }

    fn page(&self, path: &str) -> String {
        let answer = ask_as(&self.app, "GET", path, &[("host", HOST), ("cookie", &self.cookie)]);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    }

    /// Sends a form's fields unchanged.
    fn sends(&self, path: &str, fields: &str) -> Answer {
        self.sends_as(path, fields, &[("origin", HERE), ("content-type", FORM), ("cookie", &self.cookie)])
    }

    fn sends_as(&self, path: &str, fields: &str, headers: &[(&str, &str)]) -> Answer {
        let headers = [&[("host", HOST)], headers].concat();
        answer_to(&self.app, "POST", path, &headers, Body::from(fields.to_owned()))
    }

    /// The token and the commit in a page's forms, and the commit of its first request.
    fn hidden(&self, path: &str) -> String {
        let page = self.page(path);
        let value = |name: &str| {
            let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
            Some(format!("&{name}={}", after.split('"').next()?))
        };
        ["token", "commit", "at"].into_iter().filter_map(value).collect()
    }

    /// Fills in a form of a page and sends it. Returns the page with the result.
    fn does(&self, path: &str, fields: &str) -> String {
        let answer = self.sends(path, &format!("{fields}{}", self.hidden(path)));
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} {fields}: {}", answer.text);
        self.page(&format!("{path}{}", answer.headers["location"].to_str().unwrap()))
    }
}

fn server(env: &TestEnvironment) -> (Router, Key) {
    let key = Key::random().unwrap();
    (server_with(env, &key, false), key)
}

fn server_with(env: &TestEnvironment, key: &Key, push: bool) -> Router {
    server_of(env, &["reg"], key, push)
}

fn server_of(env: &TestEnvironment, folders: &[&str], key: &Key, push: bool) -> Router {
    let site = |folder: &&str| {
        env.git(folder, &["config", "user.name", "Lead"]);
        env.git(folder, &["config", "user.email", "lead@example.com"]);
        let folder = env.path(folder);
        let session = move || Session::open(&folder, Environment::from_process().unwrap())?.pushing(Some(push));
        Site::open(session().unwrap()).unwrap().always_fresh().with_changes(Changes::new(key.clone(), session).unwrap())
    };
    let sites = Sites::new(folders.iter().map(site).collect()).unwrap();
    app(Arc::new(sites), Hosts::of(HOST.parse().unwrap(), &["registry.example.com".into()]))
}

/// A registry whose Production requires the lead's approval. Version 1 of iris is in Production.
fn reviewed() -> TestEnvironment {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["promote", "iris", "1", "--to", "Production", "--reason", "the first"]);
    env.write(
        "reg/registry.toml",
        "format = 1\nname = \"acme\"\npolicy_version = 2\n\n[[stages]]\nname = \"Staging\"\n\n[[stages]]\nname = \"Production\"\n\
         review = \"recorded\"\napprovers = [\"lead@example.com\"]\nemergency = true\n",
    );
    env.git("reg", &["commit", "-qam", "Production wants a review"]);
    env
}

/// Runs a command as Ada.
fn by_ada(env: &TestEnvironment, args: &[&str]) {
    let mut command = env.modelreg("reg", args);
    let output = command.env("GIT_AUTHOR_EMAIL", "ada@example.com").output().unwrap();
    assert!(output.status.success(), "{}", env.shown(args, &output));
}

fn subject(env: &TestEnvironment) -> String {
    env.git("reg", &["log", "-1", "--format=%s"])
}

const MODEL: &str = "/models/iris/";
const VERSION: &str = "/models/iris/versions/2/";

#[test]
fn only_a_browser_with_the_key_sees_forms() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    for path in [MODEL, VERSION] {
        assert!(browser.page(path).contains("method=\"post\""), "{path}");
        let anyone = page(&browser.app, path);
        assert!(!anyone.contains("method=\"post\"") && anyone.contains("enter/\">Change the registry"), "{path}");
        assert!(!page(&dashboard(&env), path).contains("enter/"), "nobody may change what only shows");
    }
    let private = ask_as(&browser.app, "GET", MODEL, &[("host", HOST), ("cookie", &browser.cookie)]);
    assert_eq!(private.headers["cache-control"], "private, no-cache");
    let wrong = browser.sends("/enter/", "key=0123456789abcdef0123456789abcdef");
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.text.contains("The key is wrong") && !wrong.headers.contains_key("set-cookie"));
    let (another, _) = server(&env);
    let answer = ask_as(&another, "GET", MODEL, &[("host", HOST), ("cookie", &browser.cookie)]);
    assert!(!answer.text.contains("method=\"post\""), "another server's key is not this one's");
}

#[test]
fn deleted_models_and_versions_have_no_forms() {
    let env = TestEnvironment::with_model();
    env.succeed("reg", &["describe", "iris", "Flowers"]);
    env.succeed("reg", &["delete", "iris"]);
    let browser = Browser::new(&env);
    for path in [MODEL, VERSION] {
        assert!(!browser.page(path).contains("name=\"do\""), "{path}");
    }
    assert!(browser.page(MODEL).contains("Flowers"));
}

#[test]
fn one_key_opens_all_registries_and_a_form_changes_its_own() {
    let env = TestEnvironment::with_model();
    env.succeed(".", &["init", "other", "--name", "other"]);
    env.succeed("other", &["register", "iris", "--artifact", "s3://models/iris/1"]);
    let browser = Browser::new(&env);
    let key = Key::random().unwrap();
    let app = server_of(&env, &["reg", "other"], &key, false);
    let entered = Browser { app, cookie: String::new() };
    let answer = entered.sends("/other/enter/", &format!("key={}", key.as_str()));
    assert_eq!(answer.headers["location"], "../#");
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let both = Browser { app: entered.app, cookie };
    let (reg, other) = (env.tip("reg", "main"), env.tip("other", "main"));
    // A page of one registry does not allow changes of the other, which has a model with the same name.
    let foreign = format!("do=describe&text=x{}", both.hidden("/acme/models/iris/"));
    assert_eq!(both.sends("/other/models/iris/", &foreign).status, StatusCode::CONFLICT);
    both.does("/other/models/iris/", "do=describe&text=Of+the+other");
    assert_eq!(env.tip("reg", "main"), reg);
    assert_ne!(env.tip("other", "main"), other);
    assert!(both.page("/acme/models/iris/").contains("method=\"post\""));
    assert!(browser.sends("/other/models/iris/", &foreign).status.is_client_error());
}

#[test]
fn a_change_is_pushed_on_top_of_other_peoples_commits() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["fetch", "-q", "origin"]);
    env.git(".", &["clone", "-q", "hub.git", "other"]);
    let browser = Browser::of(&env, true);
    let form = format!("do=promote&stage=Production{}", browser.hidden(VERSION));
    env.succeed("other", &["register", "rose", "--artifact", "s3://models/rose/1"]);
    env.git("other", &["push", "-q", "origin", "main"]);
    let sent = browser.sends(VERSION, &form);
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    assert_eq!(env.tip("hub.git", "main"), env.tip("reg", "main"));
    assert_eq!(
        env.git("hub.git", &["log", "-2", "--format=%s", "main"]),
        "Promote iris 2 to Production\nRegister rose 1"
    );
    // If the remote cannot be reached, the clone gets no commit either.
    std::fs::rename(env.path("hub.git"), env.path("away.git")).unwrap();
    let tip = env.tip("reg", "main");
    let refused = browser.sends(MODEL, &format!("do=describe&text=x{}", browser.hidden(MODEL)));
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(refused.text.contains("Nothing was changed"), "{}", refused.text);
    assert_eq!(env.tip("reg", "main"), tip);
}

/// With `--fetch`: the page shows a commit that the clone's branch does not have yet.
#[test]
fn a_change_from_a_page_that_is_ahead_of_the_clone_lands_on_the_registrys_branch() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git(".", &["clone", "-q", "hub.git", "clone"]);
    env.git("clone", &["config", "user.email", "lead@example.com"]);
    env.git("clone", &["switch", "-q", "-c", "mine"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.register("iris", 3);
    env.git("reg", &["push", "-q", "origin", "main"]);
    env.git("clone", &["fetch", "-q", "origin"]);
    let folder = env.path("clone");
    let session = move || Session::open(&folder, Environment::from_process().unwrap());
    let site = Site::open_newest(session().unwrap()).unwrap();
    let (branch, key) = (site.followed(), Key::random().unwrap());
    let open = move || session()?.on_branch(branch.clone()).pushing(Some(true));
    let sites = Sites::new(vec![site.with_changes(Changes::new(key.clone(), open).unwrap())]).unwrap();
    let app = app(Arc::new(sites), Hosts::of(HOST.parse().unwrap(), &[]));
    let mut browser = Browser { app, cookie: String::new() };
    let answer = browser.sends("/enter/", &format!("key={}", key.as_str()));
    browser.cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let shown = browser.does("/models/iris/versions/3/", "do=promote&stage=Production");
    assert!(shown.contains("Promote iris 3 to Production"), "{shown}");
    assert_eq!(env.git("hub.git", &["log", "-1", "--format=%s", "main"]), "Promote iris 3 to Production");
    assert_eq!(env.tip("clone", "main"), env.tip("hub.git", "main"));
    assert_eq!(env.git("clone", &["rev-parse", "mine"]), env.git("hub.git", &["rev-parse", "main~2"]));
    env.assert_clean("clone");
}

#[test]
fn each_form_makes_the_commit_that_its_command_makes() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    for (path, fields, made) in [
        (VERSION, "do=promote&stage=Staging&reason=Good+enough", "Promote iris 2 to Staging"),
        ("/models/iris/versions/1/", "do=promote&stage=Production", "Promote iris 1 to Production"),
        (VERSION, "do=promote&stage=Production&keep=yes", "Promote iris 2 to Production (was 1)"),
        (MODEL, "do=rollback&stage=Production&to=1&reason=Too+slow", "Roll back iris in Production from 2 to 1"),
        (VERSION, "do=comment&text=Line+one%0D%0ALine+two", "Comment on iris 2"),
        (VERSION, "do=describe&text=%23+Trained+anew", "Describe iris 2"),
        (MODEL, "do=describe&text=Flowers", "Describe iris"),
        (MODEL, "do=tag&key=team&value=botany", "Tag iris"),
        (VERSION, "do=tag&key=checked&value=yes", "Tag iris 2"),
        (MODEL, "do=tag&remove=team&key=&value=", "Tag iris"),
        (MODEL, "do=describe&text=", "Describe iris"),
    ] {
        let before = env.tip("reg", "main");
        let shown = browser.does(path, fields);
        assert!(subject(&env).starts_with(made), "{fields}: {}", subject(&env));
        assert!(shown.contains(made) && shown.contains(&env.tip("reg", "main")[..10]), "{fields}: {shown}");
        assert_eq!(env.git("reg", &["rev-parse", "HEAD~1"]), before, "one commit");
        assert_eq!(env.git("reg", &["log", "-1", "--format=%an <%ae>"]), "Lead <lead@example.com>");
        env.assert_clean("reg");
    }
    assert!(env.read("reg/models/iris/versions/2.toml").contains("Line one\nLine two"));
    assert!(!env.read("reg/models/iris/model.toml").contains("description"));
    env.succeed("reg", &["validate"]);
}

#[test]
fn a_review_works_from_the_pages() {
    let env = reviewed();
    let browser = Browser::new(&env);
    by_ada(&env, &["promote", "iris", "2", "--to", "Production", "--reason", "better"]);
    let shown = browser.does("/requests/", "do=approve&id=iris/Production/2&comment=Looks+good");
    assert!(shown.contains("1 of 1 approvals") && shown.contains("Land…"), "{shown}");
    assert_eq!(env.git("reg", &["log", "-1", "--format=%an", "requests/iris/Production/2"]), "Lead");
    let shown = browser.does("/requests/", "do=land&id=iris/Production/2");
    assert!(shown.contains("No open requests") && subject(&env).starts_with("Land: "), "{shown}");
    // The server's user is the requester, who cannot approve but can withdraw the request.
    let shown = browser.does(MODEL, "do=rollback&stage=Production&to=1&reason=Worse");
    assert!(
        shown.contains("Requested: Roll back iris") && shown.contains("1 approval is needed, by lead@example.com"),
        "{shown}"
    );
    let waiting = browser.page("/requests/");
    assert!(!waiting.contains("Approve…") && waiting.contains("Withdraw…"));
    browser.does("/requests/", "do=reject&id=iris/Production/1&reason=");
    assert!(subject(&env).starts_with("Withdraw the request: "), "{}", subject(&env));
    // An emergency by another person is approved afterwards.
    by_ada(&env, &["rollback", "iris", "--reason", "Down", "--emergency"]);
    let shown = browser.does("/requests/", "do=approve&id=iris/Production/1");
    assert!(shown.contains("1 of 1 approvals") && shown.contains("No open requests"), "{shown}");
    let box_again = "name=\"again\"";
    assert!(browser.page("/models/iris/versions/2/").contains(box_again));
    assert!(!browser.page("/models/iris/versions/1/").contains(box_again));
    by_ada(&env, &["promote", "iris", "2", "--to", "Production", "--reason", "fixed", "--again"]);
    browser.does("/requests/", "do=approve&id=iris/Production/2");
    browser.does("/requests/", "do=land&id=iris/Production/2");
    // An emergency by the server's user.
    let shown = browser.does(MODEL, "do=rollback&stage=Production&to=1&reason=Down&emergency=yes");
    assert!(
        shown.contains("An emergency: the approval is missing") && subject(&env).starts_with("Roll back iris"),
        "{shown}"
    );
    by_ada(&env, &["promote", "iris", "2", "--to", "Production", "--reason", "again", "--again"]);
    let refused =
        browser.sends("/requests/", &format!("do=reject&id=iris/Production/2{}", browser.hidden("/requests/")));
    assert!(refused.status == StatusCode::CONFLICT || subject(&env).starts_with("Reject"), "{}", refused.text);
    env.assert_clean("reg");
}

#[test]
fn a_form_that_is_sent_twice_makes_one_change() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let form = format!("do=comment&text=once{}", browser.hidden(VERSION));
    let (first, second) = (browser.sends(VERSION, &form), browser.sends(VERSION, &form));
    let (first, second) = (&first.headers["location"], &second.headers["location"]);
    assert_eq!(format!("{}&again=yes", first.to_str().unwrap()), second.to_str().unwrap());
    assert!(
        browser
            .page(&format!("{VERSION}{}", second.to_str().unwrap()))
            .contains("The form was sent twice; the change was made once.")
    );
    assert_eq!(env.read("reg/models/iris/versions/2.toml").matches("once").count(), 1);
    // The same form, sent from the page that shows the first result, is a new change.
    browser.does(VERSION, "do=comment&text=once");
    assert_eq!(env.read("reg/models/iris/versions/2.toml").matches("once").count(), 2);
}

#[test]
fn a_refusal_shows_the_reason_and_the_fix() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let hidden = browser.hidden(VERSION);
    for (fields, why, hint) in [
        ("do=promote&stage=Nowhere", "no stage", "the stages are Staging, Production"),
        ("do=comment&text=++", "the field `text` is empty", "enter the comment"),
        ("do=tag&key=&value=x", "Nothing was changed", "What to do"),
    ] {
        let refused = browser.sends(VERSION, &format!("{fields}{hidden}"));
        assert_eq!(refused.status, StatusCode::CONFLICT, "{fields}");
        let text = refused.text.replace("&#60;", "<");
        assert!(text.contains(why) && text.contains(hint), "{fields}: {text}");
    }
    env.git("reg", &["config", "user.email", "not an address\u{7}"]);
    let refused = browser.sends(VERSION, &format!("do=comment&text=x{hidden}"));
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.text.contains("user.email"));
}

#[test]
fn the_form_shows_the_source_of_the_description() {
    let env = TestEnvironment::with_model();
    let browser = Browser::new(&env);
    let text = "    indented\n\n</textarea><script>1</script> & \u{5d0}\u{e9} \"quoted\"\n\n    code";
    env.succeed("reg", &["describe", "iris", text]);
    let page = browser.page(MODEL);
    let shown = page.split("name=\"text\"").nth(1).unwrap().split_once(">\n").unwrap().1;
    let shown = shown.split("</textarea>").next().unwrap();
    let plain = shown.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&");
    assert_eq!(plain, text);
    assert!(!page.contains("<script>1"));
    browser.does(MODEL, "do=describe&text=++++indented%0D%0A");
    assert!(env.read("reg/models/iris/model.toml").contains("description = \"    indented\""));
}
