//! A registry in which every model has a move into Production with a signed approval.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use modelreg::model::{Line, Manifest, Stage, StageName, Statement, Text, write};
use rayon::prelude::*;

use crate::make::{Registry, Shape};
use crate::process::git;

const ENTRY: &str = "format = 1
stage = \"Production\"
version = 1

[[history]]
at = 2026-01-01T00:00:00Z
by = \"ada@example.com\"
action = \"promote\"
version = 1

[[history.approvals]]
by = \"lead@example.com\"
at = 2026-01-01T00:00:00Z
";

/// Makes the registry. The last commit contains all moves, and its parent none.
pub fn make(parent: &Path, models: usize) -> Result<Registry> {
    let registry = Registry::make(parent, Shape { models, versions: 1, sharded: true })?;
    let dir = &registry.dir;
    let keys = ["ada", "lead"].map(|person| parent.join(person));
    for key in &keys {
        let mut keygen = Command::new("ssh-keygen");
        ensure!(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key).status()?.success(), "no key was made");
    }
    let policy = std::fs::read_to_string(dir.join("registry.toml"))?
        + "review = \"signed\"\napprovers = [\"lead@example.com\"]\n";
    std::fs::write(dir.join("registry.toml"), policy)?;
    let [ada, lead] = &keys;
    let public = |key: &PathBuf| std::fs::read_to_string(key.with_extension("pub"));
    let signers = format!("ada@example.com {}lead@example.com {}", public(ada)?, public(lead)?);
    std::fs::write(dir.join("allowed_signers"), signers)?;
    for at in 0..models {
        std::fs::remove_dir_all(dir.join(registry.folder(at)).join("stages"))?;
    }
    commit(dir)?;
    (0..models).into_par_iter().try_for_each(|at| {
        let path = dir.join(registry.folder(at)).join("stages/production.toml");
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, signed(&registry, at, [ada, lead])?).context("writing a stage")
    })?;
    commit(dir)?;
    Ok(registry)
}

fn commit(dir: &Path) -> Result<()> {
    git(dir, &["add", "-A"]).run()?;
    git(dir, &["commit", "-q", "-m", "x"]).run()?;
    Ok(())
}

/// The stage's file. The library gives the statements that the requester's and the approver's signatures cover.
fn signed(registry: &Registry, at: usize, [ada, lead]: [&PathBuf; 2]) -> Result<String> {
    let path = registry.dir.join(registry.folder(at)).join("versions/1.toml");
    let manifest: Manifest = toml::from_str(&std::fs::read_to_string(path)?)?;
    let mut stage: Stage = toml::from_str(ENTRY)?;
    let (facts, name) = (manifest.facts_digest(), Line::new("bench")?);
    let of = |stage: &Stage, key: &PathBuf, is_approval: bool| {
        let entry = &stage.history[0];
        sign(
            key,
            &Statement {
                registry: &name,
                model: &registry.model(at),
                stage: &StageName::new("Production")?,
                place: 1,
                entry,
                facts: &facts,
                approval: entry.approvals.first().filter(|_| is_approval),
            },
        )
    };
    let (asked, approved) = (of(&stage, ada, false)?, of(&stage, lead, true)?);
    stage.history[0].signature = Some(asked);
    stage.history[0].approvals[0].signature = Some(approved);
    Ok(write::stage_text(&stage, None, "models/x/stages/production.toml")?)
}

fn sign(key: &PathBuf, statement: &Statement<'_>) -> Result<Text> {
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-Y", "sign", "-n", statement.purpose().namespace(), "-f"]).arg(key);
    let mut child = sign.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    std::io::Write::write_all(&mut child.stdin.take().context("no input")?, statement.to_string().as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "ssh-keygen did not sign");
    Ok(Text::new(String::from_utf8(output.stdout)?)?)
}
