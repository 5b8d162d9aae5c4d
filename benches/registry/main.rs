//! Benchmarks of modelreg against git, and against a lower bound for reading a registry.
//!
//! `cargo bench` makes registries of up to 10,000 models with 10 versions each in a temporary folder, and prints two Markdown
//! tables; the second has the dashboard's pages. `cargo bench -- --quick` stops at 1,000 models, `cargo bench -- --dashboard`
//! measures only the dashboard, and `cargo bench -- --versions` a model with many versions. Compared programs take turns in
//! one run. The milliseconds are those of one machine on one day; only the ratios count.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod dashboard;
mod floor;
mod make;
mod measure;
mod process;
mod server;
mod signed;
mod table;
mod versions;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

use make::{Registry, Shape, thousands};
use measure::{Budget, Contender, medians};
use process::{Program, git, modelreg};
use table::{Table, mib, ms};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    // The benchmark starts itself for the parts that must be a separate process.
    match arguments.next().as_deref() {
        Some(process::PEAK) => return process::print_peak(arguments),
        Some("-C") => {
            let dir = arguments.next().unwrap_or_default();
            println!("{}", floor::read_all(Path::new(&dir))?);
            return Ok(());
        }
        _ => {}
    }
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    let mut bench = Bench::new(asked("--quick"))?;
    if asked("--versions") {
        bench.versions()?;
        println!("{}", bench.table);
        return Ok(());
    }
    if !asked("--dashboard") {
        bench.commands()?;
        bench.versions()?;
    }
    bench.dashboard()?;
    println!("{}\n{}", bench.table, bench.pages);
    println!("Medians of runs by turns, in this order; they are one machine's. Only the ratios count.");
    Ok(())
}

struct Bench {
    quick: bool,
    table: Table,
    pages: Table,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(quick: bool) -> Result<Self> {
        // In the build's folder: a temporary folder can be in memory, where nothing is flushed to disk.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Self { quick, table: Table::of_comparisons(), pages: Table::of_pages(), folder })
    }

    /// Benchmarks of the commands, against git and against reading every file.
    fn commands(&mut self) -> Result<()> {
        let flat = |models| Shape { models, versions: 10, sharded: false };
        let mut shapes = vec![flat(100), flat(1_000)];
        if !self.quick {
            shapes.extend([flat(10_000), Shape { sharded: true, ..flat(10_000) }]);
        }
        let registries = self.make(self.folder.path(), &shapes)?;
        self.queries(&registries)?;
        self.registering(&registries)?;
        let Some(largest) = registries.last() else { return Ok(()) };
        self.change(largest)?;
        self.request(largest)?;
        self.signatures()?;
        self.whole(largest)?;
        self.memory(&registries)
    }

    fn make(&self, folder: &Path, shapes: &[Shape]) -> Result<Vec<Registry>> {
        let make = |shape: &Shape| {
            eprintln!("making a registry of {} models", shape.label());
            let registry = Registry::make(folder, *shape)?;
            // Commands refuse a registry that breaks the rules, so the registry must be valid.
            modelreg(&registry.dir, &["validate", "--head", "HEAD"]).answer()?;
            Ok(registry)
        };
        shapes.iter().map(make).collect()
    }

    fn budget(&self, seconds: u64) -> Budget {
        if self.quick {
            Budget { time: Duration::from_secs(2), at_least: 5, at_most: 20 }
        } else {
            Budget { time: Duration::from_secs(seconds), at_least: 5, at_most: 200 }
        }
    }

    /// Queries of one model in a new process, against `git rev-parse HEAD`, one of the fastest git commands.
    fn queries(&mut self, registries: &[Registry]) -> Result<()> {
        type Ask = fn(&str) -> Vec<String>;
        let asks: [(&str, Ask); 2] = [
            ("`show MODEL`", |name| vec!["show".into(), name.into()]),
            ("`resolve models:/MODEL/Production`", |name| vec!["resolve".into(), format!("models:/{name}/Production")]),
        ];
        for (what, ask) in asks {
            let ask = |registry: &Registry, at: usize| {
                let arguments = ask(&registry.model(at * 7_919));
                modelreg(&registry.dir, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let title = format!("{what} : `git rev-parse HEAD`");
            if !registries.iter().all(|registry| has_answer(ask(registry, 1))) {
                self.table.missing(&title, "all", "the command has no answer");
                continue;
            }
            let mut contenders: Vec<Contender> = Vec::new();
            for registry in registries {
                contenders.push(Box::new(move |at| ask(registry, at).run()));
                contenders.push(Box::new(|_| git(&registry.dir, &["rev-parse", "HEAD"]).run()));
            }
            let figures = medians(self.budget(15), &mut contenders)?;
            drop(contenders);
            for (registry, pair) in registries.iter().zip(figures.chunks(2)) {
                self.compare(&title, registry, pair[0], pair[1], Some(4.0));
            }
        }
        Ok(())
    }

    fn compare(&mut self, what: &str, registry: &Registry, ours: f64, other: f64, target: Option<f64>) {
        self.table.row(what, &registry.shape.label(), ms(ours), ms(other), ours / other, target);
    }

    /// Registering a version, against `git add` and `git commit` of an equal file. Both flush to disk.
    fn registering(&mut self, registries: &[Registry]) -> Result<()> {
        let twins: Vec<PathBuf> = registries.iter().map(Registry::twin).collect::<Result<_>>()?;
        let mut contenders: Vec<Contender> = Vec::new();
        for (registry, twin) in registries.iter().zip(&twins) {
            contenders.push(Box::new(|at| register(registry, at).run()));
            contenders.push(Box::new(|at| add_and_commit(registry, twin, at)));
        }
        let figures = medians(self.budget(30), &mut contenders)?;
        drop(contenders);
        let pairs: Vec<_> = figures.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        for (registry, &(ours, gits)) in registries.iter().zip(&pairs) {
            let target = (registry.shape.models == 100).then_some(1.0);
            self.compare("`register` : `git add` and `git commit`", registry, ours, gits, target);
        }
        let Some(&(ours_least, gits_least)) = pairs.first() else { return Ok(()) };
        for (registry, &(ours, gits)) in registries.iter().zip(&pairs).skip(1) {
            let target = registry.shape.sharded.then_some(1.5);
            self.compare("`register` : the same at 100", registry, ours, ours_least, target);
            self.compare("git's own growth, likewise", registry, gits, gits_least, None);
        }
        Ok(())
    }

    /// Validating one registration, against git's list of the changed files.
    fn change(&mut self, registry: &Registry) -> Result<()> {
        let figures = medians(
            self.budget(5),
            &mut [
                Box::new(|_| modelreg(&registry.dir, &["validate", "--base", "HEAD~1"]).run()),
                Box::new(|_| git(&registry.dir, &["diff-tree", "-r", "HEAD~1", "HEAD"]).run()),
            ],
        )?;
        let what = "`validate --base HEAD~1` : `git diff-tree -r HEAD~1 HEAD`";
        match files_read(&registry.dir, &["--base", "HEAD~1"])? {
            0 => self.table.missing(what, &registry.shape.label(), "no file was read"),
            _ => self.compare(what, registry, figures[0], figures[1], Some(5.0)),
        }
        Ok(())
    }

    /// Validating one request without signatures, against git's list of the changed files.
    fn request(&mut self, registry: &Registry) -> Result<()> {
        let name = registry.model(4_711);
        modelreg(&registry.dir, &["promote", &name, "2", "--to", "Production", "--request"]).run()?;
        let branch = format!("requests/{name}/Production/2");
        let figures = medians(
            self.budget(5),
            &mut [
                Box::new(|_| modelreg(&registry.dir, &["validate", "--base", "main", "--head", &branch]).run()),
                Box::new(|_| git(&registry.dir, &["diff-tree", "-r", "main", &branch]).run()),
            ],
        )?;
        let what = "`validate --base main --head REQUEST` : `git diff-tree -r main REQUEST`";
        self.compare(what, registry, figures[0], figures[1], Some(5.0));
        Ok(())
    }

    /// Validating a change that moves every model with a signed approval: the first time, and with cached verdicts.
    fn signatures(&mut self) -> Result<()> {
        let models = if self.quick { 100 } else { 10_000 };
        eprintln!("making a registry of {} signed approvals", thousands(models));
        let registry = signed::make(self.folder.path(), models)?;
        let validate = || modelreg(&registry.dir, &["validate", "--base", "HEAD~1"]).run();
        let first = validate()?.as_secs_f64() * 1_000.0;
        let figures = medians(
            self.budget(10),
            &mut [
                Box::new(|_| validate()),
                Box::new(|_| git(&registry.dir, &["diff-tree", "-r", "HEAD~1", "HEAD"]).run()),
            ],
        )?;
        ensure!(files_read(&registry.dir, &["--base", "HEAD~1"])? >= models, "not every stage was judged");
        self.compare("signed approvals of every model: the first time : again", &registry, first, figures[0], None);
        let what = "signed approvals of every model, again : `git diff-tree -r HEAD~1 HEAD`";
        self.compare(what, &registry, figures[0], figures[1], None);
        Ok(())
    }

    /// The commands that read every file, against the lower bound.
    fn whole(&mut self, registry: &Registry) -> Result<()> {
        let rules = ["validate", "--head", "HEAD"];
        let list = ["list", "--format", "json"];
        let lists = has_answer(modelreg(&registry.dir, &list));
        let mut contenders: Vec<Contender> = vec![
            Box::new(|_| process::floor(&registry.dir)?.run()),
            Box::new(|_| modelreg(&registry.dir, &rules).run()),
        ];
        if lists {
            contenders.push(Box::new(|_| modelreg(&registry.dir, &list).run()));
        }
        let figures = medians(self.budget(30), &mut contenders)?;
        drop(contenders);
        let size = registry.shape.label();
        let files = thousands(registry.files());
        let what = format!("`validate` of {files} files : reading and parsing them");
        if files_read(&registry.dir, &["--head", "HEAD"])? < registry.files() {
            self.table.missing(&what, &size, "not every file was read");
        } else {
            self.compare(&what, registry, figures[1], figures[0], Some(1.5));
        }
        let what = "`list --format json` : reading and parsing all files";
        match figures.get(2) {
            Some(&listing) => self.compare(what, registry, listing, figures[0], None),
            None => self.table.missing(what, &size, "the command has no answer"),
        }
        Ok(())
    }

    /// The maximum memory of `validate`.
    fn memory(&mut self, registries: &[Registry]) -> Result<()> {
        let rules = |dir: &Path| modelreg(dir, &["validate", "--head", "HEAD"]).peak();
        for registry in registries.iter().filter(|registry| registry.shape.models > 100) {
            let (ours, floor) = (rules(&registry.dir)?, process::floor(&registry.dir)?.peak()?);
            let what = "memory: `validate` : reading and parsing";
            let ratio = ours as f64 / floor as f64;
            self.table.row(what, &registry.shape.label(), mib(ours), mib(floor), ratio, None);
        }
        let versions = if self.quick { 1_000 } else { 10_000 };
        let of = |versions| Shape { models: 1, versions, sharded: false };
        let registries = self.make(self.folder.path(), &[of(10), of(versions)])?;
        let (few, many) = (rules(&registries[0].dir)?, rules(&registries[1].dir)?);
        let what = format!("memory: `validate` of {} versions : of 10", thousands(versions));
        self.table.row(&what, "1", mib(many), mib(few), many as f64 / few as f64, None);
        Ok(())
    }
}

/// The model of the n-th registration: another each time, spread over the registry.
fn turn(at: usize) -> usize {
    at * 7_919
}

fn register(registry: &Registry, at: usize) -> Program {
    let name = registry.model(turn(at));
    let digest = format!("sha256:{at:064x}");
    let arguments = ["register", &name, "--artifact", "s3://models/bench/next", "--digest", &digest];
    modelreg(&registry.dir, &[&arguments[..], &["--metric", "accuracy=0.97", "--param", "depth=4"]].concat())
}

/// Commits the file that modelreg wrote in the same round. Returns only git's time.
fn add_and_commit(registry: &Registry, twin: &Path, at: usize) -> Result<Duration> {
    let folder = format!("{}/versions", registry.folder(turn(at)));
    let present = |dir: &Path| -> Result<usize> { Ok(std::fs::read_dir(dir.join(&folder))?.count()) };
    let path = format!("{folder}/{}.toml", present(twin)? + 1);
    let text = std::fs::read_to_string(registry.dir.join(format!("{folder}/{}.toml", present(&registry.dir)?)))?;
    // In rounds in which git runs first, this is the file of the version before.
    std::fs::write(twin.join(&path), format!("{text}# {at}\n"))?;
    Ok(git(twin, &["add", &path]).run()? + git(twin, &["commit", "-q", "-m", "x"]).run()?)
}

/// Checks that a query has an answer: a query without one would look too fast.
fn has_answer(query: Program) -> bool {
    query.answer().is_ok_and(|answer| !answer.is_empty())
}

/// The number of files that `validate` reads, by its own count.
fn files_read(dir: &Path, scope: &[&str]) -> Result<usize> {
    let report = modelreg(dir, &[&["validate", "--format", "json"], scope].concat()).answer()?;
    let report: serde_json::Value = serde_json::from_str(&report)?;
    ensure!(report["errors"] == 0, "the registry breaks rules: {report}");
    Ok(report["files"].as_u64().unwrap_or(0) as usize)
}
