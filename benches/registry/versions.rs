//! The time of a change of one model as the model gets more versions.

use anyhow::Result;

use crate::make::{Registry, Shape, thousands};
use crate::measure::{Contender, medians};
use crate::process::{Program, modelreg};
use crate::table::ms;
use crate::{Bench, register};

/// The measured commands. Each gives its n-th run on a registry with one model.
type Command = (&'static str, fn(&Registry, usize) -> Program, Option<f64>);

/// `show MODEL` has no target, because its output lists all versions.
const COMMANDS: [Command; 5] = [
    ("register", register, Some(1.5)),
    ("promote", promote, Some(2.0)),
    ("describe MODEL@1", describe, Some(2.0)),
    ("show MODEL@1", show_version, Some(2.0)),
    ("show MODEL", show, None),
];

impl Bench {
    /// Runs each command in turn on a model with many versions and on one with few.
    pub fn versions(&mut self) -> Result<()> {
        let folder = self.folder.path().join("versions");
        std::fs::create_dir(&folder)?;
        let (few, many) = (10, if self.quick { 500 } else { 5_000 });
        let of = |versions| Shape { models: 1, versions, sharded: false };
        let registries = self.make(&folder, &[of(few), of(many)])?;
        for (command, run, target) in COMMANDS {
            let mut contenders: Vec<Contender> = Vec::new();
            for registry in &registries {
                contenders.push(Box::new(move |at| run(registry, at).run()));
            }
            let figures = medians(self.budget(20), &mut contenders)?;
            let what = format!("`{command}`, a model of {} versions : of {few}", thousands(many));
            self.table.row(&what, "1", ms(figures[1]), ms(figures[0]), figures[1] / figures[0], target);
        }
        Ok(())
    }
}

/// One of the first ten versions, another in each run.
fn promote(registry: &Registry, at: usize) -> Program {
    let version = (1 + at % 10).to_string();
    modelreg(&registry.dir, &["promote", &registry.model(0), &version, "--to", "Staging", "--reason", "measured"])
}

fn describe(registry: &Registry, at: usize) -> Program {
    let version = format!("{}@1", registry.model(0));
    modelreg(&registry.dir, &["describe", &version, &format!("Measured for the {at}. time")])
}

fn show_version(registry: &Registry, _at: usize) -> Program {
    modelreg(&registry.dir, &["show", &format!("{}@1", registry.model(0))])
}

fn show(registry: &Registry, _at: usize) -> Program {
    modelreg(&registry.dir, &["show", &registry.model(0)])
}
