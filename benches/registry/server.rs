//! A running `modelreg serve`, and its clients.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::modelreg;

/// A dashboard that runs until it is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    /// The time from the start of the process to the end of the first page.
    pub first_page: Duration,
}

/// The memory of a process, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    /// The present value.
    pub now: u64,
    /// The maximum so far.
    pub most: u64,
}

impl Server {
    /// Starts a server, and waits for the first page.
    pub fn start(dir: &Path) -> Result<Self> {
        let started = Instant::now();
        let mut child = modelreg(dir, &["serve", "--listen", "0"]).0.stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut said)?;
        let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next()).context(said.clone())?;
        let mut server = Self { child, address: address.parse()?, first_page: Duration::ZERO };
        server.get("/")?;
        server.first_page = started.elapsed();
        Ok(server)
    }

    /// The page at a path.
    pub fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 200 "), "{path}: {}", answer.lines().next().unwrap_or_default());
        Ok(answer)
    }

    /// The memory of the server, as the system reports it.
    pub fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| name.to_owned())?;
            Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
        };
        Ok(Memory { now: field("VmRSS:")?, most: field("VmHWM:")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The result of wrk.
#[derive(Clone, Copy)]
pub struct Load {
    /// The median, in milliseconds.
    pub median: f64,
    /// The 99th percentile, in milliseconds.
    pub p99: f64,
    /// Answers per second.
    pub each_second: f64,
}

/// Whether wrk is installed.
pub fn has_wrk() -> bool {
    Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Requests some paths with wrk over eight connections, for a time.
pub fn load(server: &Server, seconds: u64, headers: &[&str], paths: &[String]) -> Result<Load> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/registry/wrk.lua");
    let mut wrk = Command::new("wrk");
    wrk.args(["-t2", "-c8", "-s", script]).arg(format!("-d{seconds}s"));
    for header in headers {
        wrk.args(["-H", header]);
    }
    let output = wrk.arg(format!("http://{}/", server.address)).arg("--").args(paths).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("measured "));
    let numbers: Vec<f64> = line.unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect();
    let [median, p99, each_second, failed] = numbers[..] else {
        bail!("wrk: {said}{}", String::from_utf8_lossy(&output.stderr));
    };
    ensure!(failed == 0.0, "{failed} answers to {} failed", paths[0]);
    Ok(Load { median: median / 1_000.0, p99: p99 / 1_000.0, each_second })
}
