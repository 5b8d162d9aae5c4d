//! Registries of any size, made by `git fast-import`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::process;

/// The size and layout of a registry.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The number of models.
    pub models: usize,
    /// The number of versions of each model.
    pub versions: usize,
    /// Whether the layout is sharded: models are in folders named after their first two characters.
    pub sharded: bool,
}

impl Shape {
    /// The shape in a table, such as `10,000 sharded`.
    pub fn label(&self) -> String {
        format!("{}{}", thousands(self.models), if self.sharded { " sharded" } else { "" })
    }
}

/// A number with commas.
pub fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

/// A registry in a git repository, checked out.
pub struct Registry {
    /// The registry's folder.
    pub dir: PathBuf,
    /// The registry's size and layout.
    pub shape: Shape,
}

impl Registry {
    /// Makes a registry in a new folder below `parent`.
    pub fn make(parent: &Path, shape: Shape) -> Result<Self> {
        let name = format!("{}x{}{}", shape.models, shape.versions, if shape.sharded { "s" } else { "" });
        let registry = Self { dir: parent.join(name), shape };
        std::fs::create_dir(&registry.dir)?;
        process::git(&registry.dir, &["init", "-q", "-b", "main"]).run()?;
        registry.import()?;
        process::git(&registry.dir, &["reset", "-q", "--hard"]).run()?;
        Ok(registry)
    }

    /// A second clone, for another program to write to.
    pub fn twin(&self) -> Result<PathBuf> {
        let mut twin = self.dir.clone().into_os_string();
        twin.push("-twin");
        let twin = PathBuf::from(twin);
        process::git(&self.dir, &["clone", "-q", ".", &twin.to_string_lossy()]).run()?;
        Ok(twin)
    }

    /// The number of files.
    pub fn files(&self) -> usize {
        1 + self.shape.models * (2 + self.shape.versions)
    }

    /// A model's name. Names differ in their first characters, so that all shards get the same number of models.
    pub fn model(&self, at: usize) -> String {
        const WORDS: [&str; 7] = ["churn", "fraud_score", "Ranking", "demand.forecast", "vision", "ner", "pricing"];
        const FIRST: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
        const SECOND: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let at = at % self.shape.models;
        let (first, second) = (FIRST[at % FIRST.len()] as char, SECOND[at / FIRST.len() % SECOND.len()] as char);
        format!("{first}{second}_{}-{at:05}", WORDS[at % WORDS.len()])
    }

    /// A model's folder, relative to the registry's.
    pub fn folder(&self, at: usize) -> String {
        let name = self.model(at);
        if self.shape.sharded { format!("models/{}/{name}", &name[..2]) } else { format!("models/{name}") }
    }

    fn import(&self) -> Result<()> {
        // Without the limit, git would unpack a small import into loose objects.
        let mut import = process::git(&self.dir, &["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"]);
        let mut child = import.0.stdin(Stdio::piped()).spawn()?;
        let mut stream = BufWriter::with_capacity(1 << 20, child.stdin.take().context("git takes no input")?);
        writeln!(stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> 1767225600 +0000")?;
        writeln!(stream, "data 8\nRegistry")?;
        let layout = if self.shape.sharded { "sharded" } else { "flat" };
        file(&mut stream, "registry.toml", &registry_text(layout))?;
        for at in 0..self.shape.models {
            let (name, folder) = (self.model(at), self.folder(at));
            let up = "../".repeat(folder.matches('/').count() + 1);
            file(&mut stream, &format!("{folder}/model.toml"), &model_text(&name, &up))?;
            for version in 1..=self.shape.versions {
                let text = manifest_text(&name, version, &up);
                file(&mut stream, &format!("{folder}/versions/{version}.toml"), &text)?;
            }
            let text = stage_text(self.shape.versions, &up);
            file(&mut stream, &format!("{folder}/stages/production.toml"), &text)?;
        }
        stream.flush()?;
        drop(stream);
        ensure!(child.wait()?.success(), "git fast-import failed");
        Ok(())
    }
}

fn file(stream: &mut impl Write, path: &str, text: &str) -> Result<()> {
    Ok(write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?)
}

fn registry_text(layout: &str) -> String {
    format!(
        "#:schema schema/registry.json
format = 1
name = \"bench\"
layout = \"{layout}\"

[[stages]]
name = \"Staging\"

[[stages]]
name = \"Production\"
"
    )
}

fn model_text(name: &str, up: &str) -> String {
    format!(
        "#:schema {up}schema/model.json
format = 1
name = \"{name}\"
project = \"project-{}\"
description = \"What {name} predicts, for whom, and where it must not be used.\"
owners = [\"ada@example.com\", \"grace@example.com\"]
created_at = 2023-01-02T03:04:05.000Z
created_by = \"ada@example.com\"

[tags]
task = \"classification\"
team = \"applied\"

[aliases]
champion = 1
",
        number(name, 0) % 40
    )
}

/// A manifest of about a kilobyte, as a training script writes it.
fn manifest_text(name: &str, version: usize, up: &str) -> String {
    let seed = number(name, version as u64);
    format!(
        "#:schema {up}../schema/version.json
format = 1
version = {version}
created_at = {}
created_by = \"ada@example.com\"
project = \"project-{}\"
environment = \"train-2025.3\"
description = \"Retrained on the data of week {version}.\"

[artifact]
uri = \"s3://models/{name}/{version}\"
flavor = \"sklearn\"
size = {}
digest = \"sha256:{}\"

[lineage]
run_id = \"{:032x}\"
experiment = \"{name}\"
run_link = \"https://runs.example.com/{name}/{version}\"
code = {{ repository = \"https://git.example.com/{name}.git\", commit = \"{:040x}\" }}

[[lineage.datasets]]
name = \"features\"
uri = \"s3://data/{name}/{version}.parquet\"
digest = \"sha256:{}\"

[params]
learning_rate = 0.0{}
max_depth = {}
n_estimators = {}
objective = \"logloss\"
shuffle = true

[metrics]
accuracy = 0.9{}
auc = 0.9{}
loss = 0.{}

[tags]
reviewed = \"yes\"
",
        time(version),
        number(name, 0) % 40,
        10_000 + seed % 1_000_000,
        digest(seed),
        seed,
        seed,
        digest(seed ^ 1),
        1 + seed % 9,
        2 + seed % 10,
        100 + seed % 400,
        seed % 1_000,
        seed / 7 % 1_000,
        1 + seed / 11 % 1_000,
    )
}

/// The file of Production: the newest version, promoted after the version before it.
fn stage_text(versions: usize, up: &str) -> String {
    let mut text =
        format!("#:schema {up}../schema/stage.json\nformat = 1\nstage = \"Production\"\nversion = {versions}\n");
    let mut from = None;
    for version in [versions.saturating_sub(4), versions.saturating_sub(1), versions].into_iter().filter(|&v| v > 0) {
        let _ = write!(
            text,
            "\n[[history]]\nat = {}\nby = \"grace@example.com\"\naction = \"promote\"\nversion = {version}\n",
            time(version + 1)
        );
        if let Some(from) = from {
            let _ = writeln!(text, "from = {from}");
        }
        text.push_str("reason = \"Better on the holdout of the last week.\"\n");
        from = Some(version);
    }
    text
}

/// The time of a version: one hour after the version before it.
fn time(version: usize) -> String {
    let (day, hour) = (version / 24, version % 24);
    format!("{}-{:02}-{:02}T{hour:02}:00:00.000Z", 2024 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
}

fn digest(seed: u64) -> String {
    (1..=4).map(|part| format!("{:016x}", mixed(seed.wrapping_add(part)))).collect()
}

/// A number that depends only on name and version, so that two runs make the same registry.
fn number(name: &str, version: u64) -> u64 {
    name.bytes().fold(mixed(version), |seed, byte| mixed(seed ^ u64::from(byte)))
}

/// SplitMix64's finalizer (Steele, Lea and Flood, 2014).
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
