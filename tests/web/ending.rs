//! The shutdown of a server during a change.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::common::{TestEnvironment, wait_until};

/// Sends a request with a cookie. Returns the whole answer.
fn asked(address: &str, what: &str, cookie: &str, form: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_server_finishes_and_reports_a_push_before_it_ends() {
    let env = TestEnvironment::with_model();
    env.git(".", &["clone", "-q", "--bare", "reg", "hub.git"]);
    env.git("reg", &["remote", "add", "origin", "../hub.git"]);
    env.git("reg", &["fetch", "-q", "origin"]);
    // The remote signals its start with a file, and waits for another file.
    let slow = "#!/bin/sh\ntouch begun\nfor _ in $(seq 1000); do [ -e go ] && exit; sleep 0.02; done\n";
    env.write("hub.git/hooks/pre-receive", slow);
    let hook = env.path("hub.git/hooks/pre-receive");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut server = env.modelreg("reg", &["serve", "--listen", "0", "--write", "--push"]);
    let mut child = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (_, door) = (lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap());
    let (address, key) = door.split_once("http://").unwrap().1.split_once("/enter/#").unwrap();
    let entered = asked(address, "POST /enter/", "", &format!("key={key}"));
    let cookie = entered.split("set-cookie: ").nth(1).unwrap().split(';').next().unwrap();
    let page = asked(address, "GET /models/iris/versions/2/", cookie, "");
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let sending = std::thread::scope(|scope| {
        let form = format!("do=comment&text=once&token={token}");
        let sending = scope.spawn(move || asked(address, "POST /models/iris/versions/2/", cookie, &form));
        wait_until("the push begins", || env.path("hub.git/begun").exists());
        let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        // During the change, the server still answers.
        for _ in 0..20 {
            assert!(asked(address, "GET /healthz", "", "").starts_with("HTTP/1.1 200 "));
        }
        env.write("hub.git/go", "");
        sending.join().unwrap()
    });
    assert!(sending.starts_with("HTTP/1.1 303 "), "{sending}");
    assert!(child.wait().unwrap().success());
    assert_eq!(env.tip("hub.git", "main"), env.tip("reg", "main"));
    assert_eq!(env.message().lines().next(), Some("Comment on iris 2"));
    env.assert_clean("reg");
}
