//! The program as a server, with requests over a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::common::{PATIENCE, TestEnvironment};

/// A running `serve`.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server, and waits until it listens.
    pub fn start(env: &TestEnvironment, dir: &str, args: &[&str]) -> Self {
        let mut command = env.modelreg(dir, &[&["serve", "--listen", "0"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (errors, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).map(str::parse);
        match address {
            Some(Ok(address)) => Self { child, address, log },
            _ => panic!("it does not listen: {line}{}", log.lock().unwrap()),
        }
    }

    /// Sends bytes. Returns the answer until the server closes the connection or sends nothing for this time.
    pub fn send(&self, bytes: &[u8], silence: Duration) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(silence)).unwrap();
        // The server may have refused the request before it has read all bytes.
        let _ = stream.write_all(bytes);
        let (mut answer, mut part) = (Vec::new(), [0; 65_536]);
        while let Ok(count) = stream.read(&mut part)
            && count > 0
        {
            answer.extend(&part[..count]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The page at a path.
    pub fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(), PATIENCE)
    }

    /// Waits until the page at a path has a text.
    pub fn wait_for(&self, path: &str, text: &str) -> String {
        let started = Instant::now();
        loop {
            let page = self.get(path);
            if page.contains(text) {
                return page;
            }
            assert!(started.elapsed() < PATIENCE, "`{text}` does not come: {page}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The stream of changes, after the first event.
    pub fn events(&self, path: &str) -> Events {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut events = Events(BufReader::new(stream));
        events.next();
        events
    }

    /// The maximum memory of the server, in bytes.
    pub fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1_024
    }

    /// Waits until the server has written a text to standard error. Returns all lines.
    pub fn logged(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(started.elapsed() < PATIENCE, "`{text}` is not logged: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The server's standard error.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream of changes.
pub struct Events(BufReader<TcpStream>);

impl Events {
    /// Waits for the next event. Returns its stamp.
    pub fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream has ended");
            if let Some(stamp) = line.strip_prefix("data: ") {
                return stamp.trim().to_owned();
            }
        }
    }
}
