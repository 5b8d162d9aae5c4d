//! `watch`: what happens is told when it happens, here and from a remote, and files are checked when they are saved.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::common::TestEnvironment;

/// A `watch` that runs, and the lines that it prints.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(env: &TestEnvironment, dir: &str, args: &[&str]) -> Self {
        let mut command = env.modelreg(dir, &[&["watch"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// The next line.
    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// The next event, without its time.
    fn event(&self) -> String {
        let event: serde_json::Value = serde_json::from_str(&self.line()).unwrap();
        let text = |key: &str| event[key].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {}@{} {} by {}: {}",
            text("action"),
            text("model"),
            event["version"],
            text("stage"),
            text("by"),
            text("text")
        )
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_happens_here_is_told_once_and_what_was_there_before_is_not() {
    let env = TestEnvironment::with_model();
    let watch = Watch::start(&env, "reg", &["--format", "json", "--no-validate", "--exec", "cat >> ../heard"]);
    // It has looked when it tells of the first.
    std::thread::sleep(Duration::from_millis(700));
    env.register("iris", 3);
    assert_eq!(watch.event(), "register iris@3 - by ada@example.com: -");
    env.succeed("reg", &["promote", "iris", "3", "--to", "Staging", "--reason", "better"]);
    assert_eq!(watch.event(), "promote iris@3 Staging by ada@example.com: better");
    env.succeed("reg", &["rename", "iris", "rose"]);
    env.succeed("reg", &["comment", "rose", "3", "$(touch ../owned); `touch ../owned`"]);
    assert_eq!(watch.event(), "comment rose@3 - by ada@example.com: $(touch ../owned); `touch ../owned`");
    env.succeed("reg", &["promote", "rose", "2", "--to", "Production", "--request", "--reason", "try"]);
    assert_eq!(watch.event(), "request rose@2 Production by ada@example.com: try");
    // The command is run when the line has been printed.
    let started = std::time::Instant::now();
    while env.read("heard").lines().count() < 4 {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", env.read("heard"));
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(watch);
    assert_eq!(env.read("heard").lines().count(), 4);
    assert!(!env.path("owned").exists(), "what is in an event is no command");
}

#[test]
fn what_a_remote_has_is_told_when_it_was_fetched() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "reg", "two"]);
    let watch = Watch::start(&env, "two", &["--format", "json", "--no-validate", "--fetch", "1"]);
    std::thread::sleep(Duration::from_millis(700));
    env.register("iris", 3);
    assert_eq!(watch.event(), "register iris@3 - by ada@example.com: -");
    assert_eq!(env.versions("two", "main", "iris"), [1, 2], "looking moves no branch of the user's");
}

#[test]
fn files_are_checked_when_they_are_saved() {
    let env = TestEnvironment::with_model();
    let watch = Watch::start(&env, "reg", &[]);
    assert!(watch.line().contains("4 files in order"));
    let file = "reg/models/iris/model.toml";
    let good = env.read(file);
    env.write(file, &good.replace("owners", "owner"));
    let mut said = watch.line();
    while !said.contains("unknown-key") {
        said = watch.line();
    }
    env.write(file, &good);
    while !said.contains("in order") {
        said = watch.line();
    }
}
