//! `watch`: events are printed as they happen, here and on a remote, and files are checked on save.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::common::{PATIENCE, TestEnvironment, wait_until};

/// A running `watch`, and the lines that it prints.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Watch {
    fn start(env: &TestEnvironment, dir: &str, args: &[&str]) -> Self {
        Self::spawn(env.modelreg(dir, &[&["watch"], args].concat()))
    }

    /// Starts a `watch` that prints events as JSON, and waits until it has read the registry.
    fn ready(env: &TestEnvironment, dir: &str, args: &[&str]) -> Self {
        Self::spawn_ready(env.modelreg(dir, &[&["watch", "--format", "json"], args].concat()))
    }

    fn spawn_ready(command: Command) -> Self {
        let watch = Self::spawn(command);
        watch.error("in order");
        watch
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, errors) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, lines, errors }
    }

    /// The next line on standard error with this text.
    fn error(&self, text: &str) -> String {
        loop {
            let line = self.errors.recv_timeout(PATIENCE).unwrap();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The next line.
    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
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

/// The lines of a stream, as they arrive.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    let stream = BufReader::new(stream);
    std::thread::spawn(move || stream.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    lines
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn new_events_are_printed_once_and_earlier_ones_are_not() {
    let env = TestEnvironment::with_model();
    let watch = Watch::ready(&env, "reg", &["--exec", "cat >> ../events"]);
    env.register("iris", 3);
    assert_eq!(watch.event(), "register iris@3 - by ada@example.com: -");
    env.succeed("reg", &["promote", "iris", "3", "--to", "Staging", "--reason", "better"]);
    assert_eq!(watch.event(), "promote iris@3 Staging by ada@example.com: better");
    env.succeed("reg", &["rename", "iris", "rose"]);
    assert_eq!(watch.event(), "rename rose@null - by ada@example.com: was iris");
    env.succeed("reg", &["comment", "rose", "3", "$(touch ../owned); `touch ../owned`"]);
    assert_eq!(watch.event(), "comment rose@3 - by ada@example.com: $(touch ../owned); `touch ../owned`");
    env.succeed("reg", &["promote", "rose", "2", "--to", "Production", "--request", "--reason", "try"]);
    assert_eq!(watch.event(), "request rose@2 Production by ada@example.com: try");
    // The command runs after the line is printed.
    wait_until("the command has run for each", || env.read("events").lines().count() >= 5);
    drop(watch);
    assert_eq!(env.read("events").lines().count(), 5);
    assert!(!env.path("owned").exists(), "what is in an event is no command");
}

#[test]
fn an_edit_is_printed_with_its_kind_and_author() {
    let env = TestEnvironment::with_model();
    let watch = Watch::ready(&env, "reg", &[]);
    env.succeed("reg", &["tag", "iris@2", "team=applied"]);
    assert_eq!(watch.event(), "tag iris@2 - by ada@example.com: team=applied");
    env.succeed("reg", &["alias", "iris", "best", "1"]);
    assert_eq!(watch.event(), "alias iris@1 - by ada@example.com: best");
    env.succeed("reg", &["alias", "iris", "best", "--remove"]);
    assert_eq!(watch.event(), "alias iris@null - by ada@example.com: best");
    env.succeed("reg", &["describe", "iris", "Irises."]);
    assert_eq!(watch.event(), "describe iris@null - by ada@example.com: Irises.");
    env.succeed("reg", &["archive", "iris", "1"]);
    assert_eq!(watch.event(), "archive iris@1 - by ada@example.com: -");
    env.succeed("reg", &["delete", "iris@1", "--reason", "old"]);
    assert_eq!(watch.event(), "delete iris@1 - by ada@example.com: old");
    env.succeed("reg", &["restore", "iris@1"]);
    assert_eq!(watch.event(), "restore iris@1 - by ada@example.com: -");
    // Two people edit one file by hand. When the program reads the file, it sees only the last edit.
    for (person, old, new) in [("kim", "Irises.", "Flowers."), ("lee", "applied", "research")] {
        let file = if person == "kim" { "reg/models/iris/model.toml" } else { "reg/models/iris/versions/2.toml" };
        env.write(file, &env.read(file).replace(old, new));
        env.git("reg", &["-c", &format!("user.email={person}@example.com"), "commit", "-qam", "by hand"]);
    }
    assert_eq!(watch.event(), "describe iris@null - by kim@example.com: Flowers.");
    assert_eq!(watch.event(), "tag iris@2 - by lee@example.com: team=research");
}

#[test]
fn events_of_a_remote_are_printed_after_a_fetch() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "reg", "two"]);
    let watch = Watch::start(&env, "two", &["--format", "json", "--no-validate", "--fetch", "1"]);
    env.register("iris", 3);
    assert_eq!(watch.event(), "register iris@3 - by ada@example.com: -");
    assert_eq!(env.versions("two", "main", "iris"), [1, 2], "looking moves no branch of the user's");
}

/// A webhook with these answers. Returns the head and the body of each request.
fn webhook(answers: &'static [&'static str]) -> (u16, Receiver<(String, String)>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, received) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).unwrap();
            }
            let field =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            let mut body = vec![0; field.unwrap().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            send.send((head, String::from_utf8(body).unwrap())).unwrap();
        }
    });
    (port, received)
}

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Starts a `watch` that posts to a webhook, and registers version 3 when it is ready.
fn post(env: &TestEnvironment, address: &str, args: &[&str]) -> Watch {
    let mut command = env.modelreg("reg", &[&["watch", "--format", "json"], args].concat());
    command.env("MODELREG_WEBHOOK", address).env("MODELREG_WEBHOOK_SECRET", "secret");
    let watch = Watch::spawn_ready(command);
    env.register("iris", 3);
    watch
}

#[test]
fn an_event_is_signed_and_posted_until_the_webhook_accepts_it() {
    let env = TestEnvironment::with_model();
    let busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\ncontent-length: 0\r\n\r\n";
    let (port, received) = webhook(Vec::leak(vec![busy, TAKEN]));
    let watch = post(&env, &format!("http://127.0.0.1:{port}/x?token=t"), &["--webhook-private"]);
    let first = received.recv_timeout(PATIENCE).unwrap();
    let posted = std::time::Instant::now();
    let second = received.recv_timeout(PATIENCE).unwrap();
    assert!(posted.elapsed() >= Duration::from_millis(800), "a receiver cannot ask to be tried without a pause");
    assert_eq!(first, second, "the same delivery, tried again");
    let (head, body) = second;
    assert!(head.starts_with("POST /x?token=t HTTP/1.1\r\n"), "{head}");
    let event: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((event["entity"].as_str(), event["action"].as_str()), (Some("model_version"), Some("created")));
    assert_eq!((event["data"]["model"].as_str(), event["data"]["version"].as_u64()), (Some("iris"), Some(3)));
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.to_lowercase().starts_with(name).then(|| line[name.len()..].to_owned()))
            .unwrap()
    };
    let signed = format!("{}.{}.{body}", field("x-modelreg-delivery-id: "), field("x-modelreg-timestamp: "));
    env.write("signed", &signed);
    let check = "openssl dgst -sha256 -hmac secret -binary signed | base64 | tr -d '\\n'";
    let mac = env.program(".", "sh").args(["-c", check]).output().unwrap().stdout;
    assert_eq!(field("x-modelreg-signature: "), format!("v1,{}", String::from_utf8(mac).unwrap()));
    drop(watch);
}

#[test]
fn safety_18_a_webhook_redirects_nowhere_and_is_on_no_private_network() {
    let env = TestEnvironment::with_model();
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let (port, received) = webhook(Vec::leak(vec![elsewhere]));
    let line = post(&env, &format!("http://127.0.0.1:{port}/?token=t"), &["--webhook-private"]).error("webhook");
    assert!(line.contains("302 Found, and modelreg does not follow redirects") && !line.contains("token"), "{line}");
    received.recv_timeout(PATIENCE).unwrap();
    for host in ["localhost", "127.1", "[::ffff:127.0.0.1]", "0x7f.0.0.1", "169.254.169.254", "10.0.0.1"] {
        let refused = env.run("reg", &["watch", "--webhook", &format!("https://{host}:{port}/")]);
        assert!(refused.contains("its host is not public") && refused.ends_with("--- status 1\n"), "{refused}");
    }
    let refused = env.run("reg", &["watch", "--webhook", "http://hooks.example.com/"]);
    assert!(refused.contains("it must begin with https://") && refused.ends_with("--- status 1\n"), "{refused}");
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
