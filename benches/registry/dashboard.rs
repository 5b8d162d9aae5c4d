//! Benchmarks of the dashboard: its start, its pages under load, its memory, its update after a commit, and the export.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use modelreg::ops::{Environment, Session, catalog};

use crate::Bench;
use crate::make::{Registry, Shape, thousands};
use crate::measure::medians;
use crate::process::{self, Program, git, modelreg};
use crate::server::{Server, has_wrk, load};
use crate::table::mib;

/// The number of measured commits.
const COMMITS: usize = 9;
/// The number of requested models, spread over the registry.
const ASKED: usize = 97;

impl Bench {
    /// All benchmarks of the dashboard, on registries of three sizes.
    pub fn dashboard(&mut self) -> Result<()> {
        let folder = self.folder.path().join("dashboard");
        std::fs::create_dir(&folder)?;
        let sizes: &[usize] = if self.quick { &[100, 1_000] } else { &[100, 1_000, 10_000] };
        let shapes: Vec<_> = sizes.iter().map(|&models| Shape { models, versions: 10, sharded: true }).collect();
        let registries = self.make(&folder, &shapes)?;
        for registry in &registries {
            self.start(registry)?;
        }
        let served: Vec<(&Registry, Server)> =
            registries.iter().map(|registry| Ok((registry, Server::start(&registry.dir)?))).collect::<Result<_>>()?;
        let before: Vec<_> = served.iter().map(|(_, server)| server.memory()).collect::<Result<_>>()?;
        if has_wrk() {
            self.under_load(&served)?;
        } else {
            self.pages.missing("pages under load", "all", "there is no wrk; Debian has it as `wrk`");
        }
        for ((registry, server), before) in served.iter().zip(before) {
            let (most, floor) = (server.memory()?.most, process::floor(&registry.dir)?.peak()?);
            let size = registry.shape.label();
            let target = (registry.shape.models == 10_000).then_some(1.5);
            let what = "memory: `serve` with its first page : reading and parsing all files";
            self.table.row(what, &size, mib(before.now), mib(floor), before.now as f64 / floor as f64, target);
            let what = "memory: `serve` at the most, all pages asked for : likewise";
            self.table.row(what, &size, mib(most), mib(floor), most as f64 / floor as f64, target);
        }
        for (registry, server) in &served {
            self.filter(registry, server)?;
            self.commits(registry, server)?;
        }
        drop(served);
        registries.iter().try_for_each(|registry| self.refresh(registry))?;
        registries.iter().try_for_each(|registry| self.export(registry, &folder))
    }

    /// The time from the start of the process to the end of the first page, compared with reading every file.
    fn start(&mut self, registry: &Registry) -> Result<()> {
        let figures = medians(
            self.budget(20),
            &mut [
                Box::new(|_| Ok(Server::start(&registry.dir)?.first_page)),
                Box::new(|_| blobs(&registry.dir)),
                Box::new(|_| process::floor(&registry.dir)?.run()),
            ],
        )?;
        let target = (registry.shape.models == 10_000).then_some(2.0);
        let what = "`serve` to its first page : `git cat-file --batch` of every file";
        self.compare(what, registry, figures[0], figures[1], target);
        let what = "`serve` to its first page : reading and parsing every file";
        self.compare(what, registry, figures[0], figures[2], None);
        Ok(())
    }

    /// Pages over eight connections. The sizes take turns.
    fn under_load(&mut self, served: &[(&Registry, Server)]) -> Result<()> {
        type Ask = fn(&Registry, usize) -> String;
        let asks: [(&str, &[&str], Ask); 6] = [
            ("an asset, for comparison", &[], |_, _| "/assets/icon.svg".into()),
            ("overview, page 1", &[], |_, _| "/".into()),
            ("overview, page 1, compressed", &["Accept-Encoding: gzip"], |_, _| "/".into()),
            ("a model", &[], |registry, at| format!("/models/{}/", registry.model(at))),
            ("a version", &[], |registry, at| format!("/models/{}/versions/{}/", registry.model(at), 1 + at % 10)),
            ("a search", &[], |_, at| {
                format!("/?q={}", ["churn", "project-7", "grace%20vision", "a0_", "week"][at % 5])
            }),
        ];
        let seconds = if self.quick { 2 } else { 10 };
        let mut assets = Vec::new();
        for (page, headers, ask) in asks {
            let mut least = None;
            for (at, (registry, server)) in served.iter().enumerate() {
                let paths: Vec<String> =
                    (0..ASKED).map(|place| ask(registry, place * registry.shape.models / ASKED)).collect();
                let found = load(server, seconds, headers, &paths)?;
                let size = registry.shape.label();
                assets.extend((assets.len() == at).then_some(found.median));
                self.pages.load(page, &size, &found, assets[at]);
                let smallest = *least.get_or_insert(found.median);
                if matches!(page, "a model" | "a version") && at > 0 {
                    let what = format!("{page}, under load : the same at 100");
                    let target = (at + 1 == served.len()).then_some(1.15);
                    self.compare(&what, registry, found.median, smallest, target);
                }
            }
        }
        Ok(())
    }

    /// A filter in the search field, which reads every model the first time.
    fn filter(&mut self, registry: &Registry, server: &Server) -> Result<()> {
        let ask = |number: usize| -> Result<Duration> {
            let started = Instant::now();
            server.get(&format!("/?q=metrics.accuracy%20%3E%200.9{number}"))?;
            Ok(started.elapsed())
        };
        let first = (0..3).map(ask).collect::<Result<Vec<_>>>()?;
        let again = (0..3).map(ask).collect::<Result<Vec<_>>>()?;
        let [first, again] = [first, again].map(crate::measure::median);
        self.compare("a filter by a metric, the first time : again", registry, first, again, None);
        Ok(())
    }

    /// The time from a commit to the first page that shows the commit.
    fn commits(&mut self, registry: &Registry, server: &Server) -> Result<()> {
        let (mut until, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..COMMITS {
            let before = stamp(&server.get("/")?)?;
            promote(registry, round).run()?;
            let committed = Instant::now();
            // The requests have no pause, so it is always a request that reads the new commit.
            let took = loop {
                let asked = Instant::now();
                if stamp(&server.get("/")?)? != before {
                    break asked.elapsed();
                }
            };
            until.push(committed.elapsed());
            first.push(took);
            let asked = Instant::now();
            server.get("/")?;
            again.push(asked.elapsed());
        }
        let [until, first, again] = [until, first, again].map(crate::measure::median);
        self.compare("a commit to the overview that shows it : an overview again", registry, until, again, None);
        self.compare("the first overview after a commit : an overview again", registry, first, again, None);
        Ok(())
    }

    /// The reads that bring the catalog from one commit to the next.
    fn refresh(&mut self, registry: &Registry) -> Result<()> {
        let session = Session::open(&registry.dir, Environment::from_process()?)?;
        let started = Instant::now();
        let whole = catalog(&session, None)?;
        let all = started.elapsed().as_secs_f64() * 1_000.0;
        promote(registry, COMMITS).run()?;
        let started = Instant::now();
        let next = catalog(&session, Some(&whole))?;
        let took = started.elapsed().as_secs_f64() * 1_000.0;
        ensure!(next.commit != whole.commit, "there was no commit");
        let (read, models) = (next.read, whole.read);
        let size = registry.shape.label();
        let ratio = read as f64 / models as f64;
        self.table.row("models read after one commit : all", &size, thousands(read), thousands(models), ratio, None);
        self.compare("reading what one commit changed : reading all", registry, took, all, None);
        Ok(())
    }

    /// Pages per second, and the whole export compared with copying its files.
    fn export(&mut self, registry: &Registry, folder: &Path) -> Result<()> {
        let (site, copy) = (folder.join("site"), folder.join("copy"));
        let write = || modelreg(&registry.dir, &["export", &site.to_string_lossy()]).run();
        let again = |folder: &Path| if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) };
        let took = write()?;
        let pages = pages_in(&site)?;
        self.pages.rate("`export`", &registry.shape.label(), pages as f64 / took.as_secs_f64());
        // Two copies of the largest site would need gigabytes.
        if registry.shape.models <= 1_000 {
            let figures = medians(
                self.budget(10),
                &mut [
                    Box::new(|_| {
                        again(&site)?;
                        write()
                    }),
                    Box::new(|_| {
                        again(&copy)?;
                        copied(&site, &copy)
                    }),
                ],
            )?;
            again(&copy)?;
            let what = format!("`export` of {} pages : `cp -r` of them", thousands(pages));
            self.compare(&what, registry, figures[0], figures[1], None);
        }
        Ok(again(&site)?)
    }
}

/// Reads every file of the commit with git.
fn blobs(dir: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut list = git(dir, &["ls-tree", "-r", "--format=%(objectname)", "HEAD"]).0.stdout(Stdio::piped()).spawn()?;
    let ids = list.stdout.take().context("no output")?;
    let mut read = git(dir, &["cat-file", "--batch", "--buffer"]);
    read.0.stdin(ids);
    read.run()?;
    ensure!(list.wait()?.success(), "git ls-tree failed");
    Ok(started.elapsed())
}

/// The n-th commit: each moves another model.
fn promote(registry: &Registry, round: usize) -> Program {
    let name = registry.model(crate::turn(round + 1));
    modelreg(&registry.dir, &["promote", &name, "3", "--to", "Production", "--reason", "measured"])
}

fn stamp(page: &str) -> Result<String> {
    let stamp = page.split("data-stamp=\"").nth(1).and_then(|rest| rest.split('"').next());
    Ok(stamp.context("a page without a stamp")?.to_owned())
}

fn copied(from: &Path, to: &Path) -> Result<Duration> {
    let mut copy = std::process::Command::new("cp");
    copy.arg("-r").arg(from).arg(to);
    Program(copy).run()
}

/// The number of pages below a folder.
fn pages_in(folder: &Path) -> Result<usize> {
    let mut pages = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        pages += if entry.file_type()?.is_dir() {
            pages_in(&entry.path())?
        } else {
            usize::from(entry.file_name() == "index.html")
        };
    }
    Ok(pages)
}
