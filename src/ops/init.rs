//! Creating a registry: the git repository if it is missing, and the registry's first commit.

use std::path::Path;

use anyhow::Result;

use super::ci;
use super::commit::{Done, Edits, Message, Plan, commit_first};
use super::environment::Environment;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::layout::{REGISTRY_FILE, schema_file, schema_line};
use crate::model::schema::schema_text;
use crate::model::{FileKind, Layout, Line, Tree as _};
use crate::store::{Store, create_repository};

mod example {
    include!(concat!(env!("OUT_DIR"), "/example.rs"));
}

/// The registry to create.
#[derive(Debug, Clone)]
pub struct Init {
    /// The registry's name; none means the folder's name.
    pub name: Option<Line>,
    /// The layout of the models' folders.
    pub layout: Layout,
    /// Whether to add the example.
    pub example: bool,
}

/// A created registry.
#[derive(Debug, Clone)]
pub struct Started {
    /// The registry's name.
    pub name: String,
    /// Whether the git repository was created too.
    pub new_repository: bool,
    /// The number of committed files.
    pub files: usize,
}

/// Keeps git from changing line ends. With `core.autocrlf=true`, as Git for Windows sets it, each checked-out file would
/// otherwise differ from the bytes that were committed.
const ATTRIBUTES: &str = "\
# The files of the registry have the same bytes on every system.
registry.toml text eol=lf
allowed_signers text eol=lf
models/** text eol=lf
schema/** text eol=lf
";

/// Creates a registry in a folder.
pub fn init(dir: &Path, environment: Environment, ask: &Init) -> Result<Done<Started>> {
    let new_repository = create_repository(dir, "main")?;
    let store = Store::for_new_registry(dir)?;
    let session = Session::of(store, environment)?;
    let name = match &ask.name {
        Some(name) => name.clone(),
        None => {
            let folder = dir.canonicalize()?;
            let folder = folder.file_name().map_or("models".into(), |name| name.to_string_lossy().into_owned());
            Line::new(folder).map_err(Refusal::from)?
        }
    };
    let branch = session.target()?.name().to_owned();
    commit_first(&session, |tree, _| {
        if tree.find(REGISTRY_FILE)?.is_some() {
            let hint = "`modelreg list` shows its models; `modelreg init DIR` creates another registry";
            return Err(Refusal::new("this folder already has a registry", hint).into());
        }
        let mut edits = Edits::new();
        if ask.example {
            edits.extend(example::FILES.iter().map(|(path, bytes)| ((*path).to_owned(), Some(bytes.to_vec()))));
        } else {
            edits.insert(REGISTRY_FILE.into(), Some(registry_text(&name, &branch, ask.layout).into_bytes()));
            edits.insert("README.md".into(), Some(readme(&name).into_bytes()));
            let folder = session.prefix();
            edits.extend(ci::files(&branch, folder.trim_end_matches('/')));
        }
        edits.insert(".gitattributes".into(), Some(ATTRIBUTES.into()));
        for kind in FileKind::ALL {
            edits.insert(schema_file(kind), Some(schema_text(kind).into_bytes()));
        }
        // Existing files are kept, for example the repository's own README.
        let mut kept = Edits::new();
        let tip = session.store.tip(&session.target()?)?;
        let top = tip.map(|tip| session.store.whole_tree(tip)).transpose()?;
        for (path, content) in edits {
            let there = match (path.strip_prefix('/'), &top) {
                (Some(path), Some(top)) => top.find(path)?,
                (Some(_), None) => None,
                (None, _) => tree.find(&path)?,
            };
            if there.is_none() {
                kept.insert(path, content);
            }
        }
        let value = Started { name: name.to_string(), new_repository, files: kept.len() };
        Ok(Plan::new(kept, Message::new(format!("Start the model registry {name}")), value))
    })
}

fn registry_text(name: &Line, branch: &str, layout: Layout) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let layout = match layout {
        Layout::Flat => "flat",
        Layout::Sharded => "sharded",
    };
    format!(
        r##"{schema}format = 1
name = {name}
branch = {branch}
layout = "{layout}"                    # flat | sharded: sharded for thousands of models
policy_version = 1                 # raise it whenever the policy below changes

[[stages]]
name = "Staging"

[[stages]]
name = "Production"
# after = "Staging"                # only a version that has been in Staging may enter
# review = "recorded"              # none | forge | recorded | signed
# approvers = ["@ml-leads"]

# [teams]
# ml-leads = ["lead@example.com"]
"##,
        schema = schema_line(FileKind::Registry, REGISTRY_FILE),
        name = quoted(name.as_str()),
        branch = quoted(branch),
    )
}

fn readme(name: &Line) -> String {
    format!(
        "# {name}\n\nA model registry kept with modelreg: each model is a folder of TOML files under `models/`, and every change is a commit.\n\n\
         ```sh\nmodelreg list\nmodelreg register MODEL --artifact PATH\nmodelreg promote MODEL VERSION --to Production\n\
         modelreg rollback MODEL --reason \"...\"\nmodelreg validate\nmodelreg hook install   # the same check before each commit and push\n```\n"
    )
}
