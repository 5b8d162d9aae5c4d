//! Names that models had before: each leads to one model, and stays with it.
//!
//! Whether another model claims a name too is asked of every model's own file, so only where a change claims one or
//! gives one up, and once.

use std::collections::{HashMap, HashSet};

use anyhow::{Error, Result};

use super::{Sides, former};
use crate::check::file::load;
use crate::check::layout::{self, ModelFolder};
use crate::check::model::{claim, name_taken, shared};
use crate::check::sink::Sink;
use crate::model::layout::MODEL_FILE;
use crate::model::{FileKind, Layout, ModelName, RegisteredModel, Tree};

/// By former name, the first two models that claim it.
type Claims = HashMap<ModelName, Vec<ModelName>>;

/// The former names of all models on both sides, each side read when it is first asked for.
pub(super) struct Claimed<'s> {
    sides: &'s Sides<'s>,
    layout: Layout,
    base: Option<Claims>,
    head: Option<Claims>,
}

impl<'s> Claimed<'s> {
    /// Reads nothing yet. The layout is the head's.
    pub fn new(sides: &'s Sides<'s>, layout: Layout) -> Self {
        Self { sides, layout, base: None, head: None }
    }

    /// Judges the names that a model claims since the change.
    pub fn check(&mut self, old: Option<&ModelFolder>, new: &ModelFolder, sink: &mut Sink) -> Result<()> {
        let before = old.map_or(Ok(Vec::new()), |old| former(self.sides.base, old))?;
        let before: HashSet<ModelName> = before.into_iter().collect();
        if former(self.sides.head, new)?.iter().all(|name| before.contains(name)) {
            return Ok(());
        }
        let path = format!("{}/{MODEL_FILE}", new.entry.path);
        let Some(entry) = self.sides.head.find(&path)? else { return Ok(()) };
        let own = load::<RegisteredModel>(self.sides.head, &entry, FileKind::Model, &mut Sink::default())?;
        let Some(own) = own else { return Ok(()) };
        let claims = read(&mut self.head, self.sides.head, self.layout)?;
        for (at, name) in own.value.former_names.iter().enumerate().filter(|(_, name)| !before.contains(*name)) {
            if *name != new.name && self.sides.head.find(&self.layout.model_file(name))?.is_some() {
                name_taken(&own.source, at, name, sink);
            }
            if let Some(other) = claims.get(name).into_iter().flatten().find(|model| **model != new.name) {
                shared(&own.source, at, name, other, sink);
            }
        }
        Ok(())
    }

    /// Whether a model may give a name up, for that is the hint: where more than one claimed it before the change and one
    /// still does, and where another model is called so on both sides, to which it leads anyway. A name that one model
    /// claims alone stays with it.
    pub fn may_go(&mut self, name: &ModelName) -> Result<bool> {
        let is_present =
            |tree: &dyn Tree, layout: Layout| Ok::<_, Error>(tree.find(&layout.model_file(name))?.is_some());
        if is_present(self.sides.base, self.sides.policy.layout)? && is_present(self.sides.head, self.layout)? {
            return Ok(true);
        }
        let before = read(&mut self.base, self.sides.base, self.sides.policy.layout)?;
        let shared = before.get(name).is_some_and(|models| models.len() > 1);
        Ok(shared && read(&mut self.head, self.sides.head, self.layout)?.contains_key(name))
    }
}

fn read<'c>(known: &'c mut Option<Claims>, tree: &dyn Tree, layout: Layout) -> Result<&'c Claims> {
    let claims = match known.take() {
        Some(claims) => claims,
        None => {
            let mut claims = Claims::new();
            for folder in layout::model_folders(tree, layout, &mut Sink::default())? {
                for name in former(tree, &folder)? {
                    claim(claims.entry(name).or_default(), folder.name.clone());
                }
            }
            claims
        }
    };
    Ok(known.insert(claims))
}
