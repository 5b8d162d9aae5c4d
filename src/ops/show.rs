//! A model with its versions and stages, or one version with all that is known of it.

use anyhow::Result;

use super::find::{self, Target};
use super::review::{Brief, briefs};
use super::session::Session;
use crate::model::{Manifest, ModelSnapshot, Move, RegisteredModel, Snapshot, Timestamp, UserId};

/// What is shown: a model, or one of its versions.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(untagged)]
pub enum View {
    /// A model.
    Model(Box<ModelView>),
    /// A version.
    Version(Box<VersionView>),
}

/// A model with its versions and stages.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ModelView {
    /// What `model.toml` says.
    #[serde(flatten)]
    pub file: RegisteredModel,
    /// The newest time in the model's files.
    pub last_modified: Timestamp,
    /// The versions, newest first.
    pub versions: Vec<VersionLine>,
    /// The stages that a version has ever been in.
    pub stages: Vec<StageView>,
    /// What is asked for and has not been decided. None where a past revision is looked at.
    pub requests: Vec<Brief>,
}

/// A version in a model's table.
#[derive(Debug, Clone, serde::Serialize)]
pub struct VersionLine {
    /// The number.
    pub version: u64,
    /// The stage it is in.
    pub stage: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Who registered it.
    pub created_by: UserId,
    /// The newest time in its file.
    pub last_modified: Timestamp,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// What it is.
    pub description: Option<String>,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// A stage of a model.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StageView {
    /// The stage.
    pub stage: String,
    /// The version in it.
    pub version: Option<u64>,
    /// When it came there.
    pub since: Option<Timestamp>,
    /// The version that a rollback goes back to.
    pub prior_version: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// Every move, oldest first.
    pub history: Vec<Move>,
}

/// One version.
#[derive(Debug, Clone, serde::Serialize)]
pub struct VersionView {
    /// The model.
    pub name: String,
    /// What the manifest says.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// The stage it is in.
    pub stage: String,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// The newest time in its file.
    pub last_modified: Timestamp,
    /// Its moves, by stage.
    pub moves: Vec<StageMove>,
    /// What is asked for it and has not been decided.
    pub requests: Vec<Brief>,
}

/// A move of a version.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StageMove {
    /// The stage.
    pub stage: String,
    /// The journal's entry.
    #[serde(flatten)]
    pub entry: Move,
}

/// Shows a model or a version.
pub fn show(session: &Session, target: &Target) -> Result<View> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let model = find::model(&snapshot, &target.model)?;
    let requests = if session.looks_back() { Vec::new() } else { briefs(session, &snapshot, &model.file.name)? };
    Ok(match &target.selector {
        None => View::Model(Box::new(ModelView { requests, ..model_view(&model) })),
        Some(selector) => {
            let view = version_view(&model, find::select(&model, selector)?)?;
            let requests = requests.into_iter().filter(|request| request.version == view.manifest.version).collect();
            View::Version(Box::new(VersionView { requests, ..view }))
        }
    })
}

fn model_view(model: &ModelSnapshot) -> ModelView {
    let line = |manifest: &Manifest| VersionLine {
        version: manifest.version,
        stage: model.stage_of(manifest.version).to_owned(),
        created_at: manifest.created_at,
        created_by: manifest.created_by.clone(),
        last_modified: manifest.last_modified(),
        aliases: aliases(model, manifest.version),
        description: manifest.description.as_ref().map(ToString::to_string),
        deleted: manifest.deleted.is_some(),
    };
    let stage = |stage: &crate::model::Stage| StageView {
        stage: stage.stage.to_string(),
        version: stage.version,
        since: stage.since(),
        prior_version: stage.replay().prior(),
        beside: stage.beside.clone(),
        history: stage.history.clone(),
    };
    ModelView {
        file: model.file.clone(),
        last_modified: model.last_modified(),
        versions: model.versions.values().rev().map(line).collect(),
        stages: model.stages.iter().map(stage).collect(),
        requests: Vec::new(),
    }
}

fn version_view(model: &ModelSnapshot, number: u64) -> Result<VersionView> {
    let manifest = find::version(model, number)?;
    let moves = model.stages.iter().flat_map(|stage| {
        let name = stage.stage.to_string();
        let about = stage.history.iter().filter(move |entry| entry.version == number || entry.from == Some(number));
        about.map(move |entry| StageMove { stage: name.clone(), entry: entry.clone() })
    });
    let mut moves: Vec<StageMove> = moves.collect();
    moves.sort_by_key(|m| m.entry.at);
    Ok(VersionView {
        name: model.file.name.to_string(),
        stage: model.stage_of(number).to_owned(),
        aliases: aliases(model, number),
        last_modified: manifest.last_modified(),
        manifest: manifest.clone(),
        moves,
        requests: Vec::new(),
    })
}

fn aliases(model: &ModelSnapshot, version: u64) -> Vec<String> {
    model.aliases_of(version).into_iter().map(str::to_owned).collect()
}
