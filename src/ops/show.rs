//! The details of a model or of one version.

use anyhow::Result;

use super::find::{self, Target};
use super::review::{RequestSummary, request_summaries};
use super::session::Session;
use crate::model::snapshot::{stage_of, stages_of};
use crate::model::{Manifest, ModelSnapshot, Move, RegisteredModel, Selector, Snapshot, Timestamp, UserId};

/// The details of a model, or of one of its versions.
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
    /// The content of `model.toml`.
    #[serde(flatten)]
    pub file: RegisteredModel,
    /// The newest time in the model's files.
    pub last_modified: Timestamp,
    /// The versions, newest first.
    pub versions: Vec<VersionLine>,
    /// The stages that have ever had a version.
    pub stages: Vec<StageView>,
    /// The open requests; empty if the session reads a past revision.
    pub requests: Vec<RequestSummary>,
}

/// A version in a model's table.
#[derive(Debug, Clone, serde::Serialize)]
pub struct VersionLine {
    /// The number.
    pub version: u64,
    /// The stage that stands for all: the last one.
    pub stage: String,
    /// All stages of the version, in the policy's order.
    pub stages: Vec<String>,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// The user who registered the version.
    pub created_by: UserId,
    /// The newest time in the manifest.
    pub last_modified: Timestamp,
    /// The aliases.
    pub aliases: Vec<String>,
    /// The description.
    pub description: Option<String>,
    /// Whether the version is deleted.
    pub deleted: bool,
}

/// A stage of a model.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StageView {
    /// The stage.
    pub stage: String,
    /// The version in the stage.
    pub version: Option<u64>,
    /// The time at which the version entered the stage.
    pub since: Option<Timestamp>,
    /// The version that a rollback goes back to.
    pub prior_version: Option<u64>,
    /// Other versions in the stage.
    pub beside: Vec<u64>,
    /// The journal, oldest entry first.
    pub history: Vec<Move>,
}

/// One version.
#[derive(Debug, Clone, serde::Serialize)]
pub struct VersionView {
    /// The model.
    pub name: String,
    /// The content of the manifest.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// The stage that stands for all: the last one.
    pub stage: String,
    /// All stages of the version, in the policy's order.
    pub stages: Vec<String>,
    /// The aliases.
    pub aliases: Vec<String>,
    /// The newest time in the manifest.
    pub last_modified: Timestamp,
    /// The journal entries about the version, oldest first.
    pub moves: Vec<StageMove>,
    /// The open requests for the version.
    pub requests: Vec<RequestSummary>,
}

/// A move of a version.
#[derive(Debug, Clone, serde::Serialize)]
pub struct StageMove {
    /// The stage.
    pub stage: String,
    /// The journal entry.
    #[serde(flatten)]
    pub entry: Move,
}

/// Shows a model or a version.
pub fn show(session: &Session, target: &Target) -> Result<View> {
    let reading = session.read()?;
    let snapshot = Snapshot::open(&reading.tree)?;
    let name = find::model_name(&snapshot, &target.model)?;
    let requests = if session.looks_back() { Vec::new() } else { request_summaries(session, &snapshot, &name)? };
    Ok(match &target.selector {
        None => {
            let model = find::model(&snapshot, &name)?;
            View::Model(Box::new(ModelView { requests, ..model_view(&model) }))
        }
        Some(selector) => {
            let view = version_view(&snapshot, &find::file(&snapshot, &name)?, selector)?;
            let requests = requests.into_iter().filter(|request| request.version == view.manifest.version).collect();
            View::Version(Box::new(VersionView { requests, ..view }))
        }
    })
}

fn model_view(model: &ModelSnapshot) -> ModelView {
    let line = |manifest: &Manifest| VersionLine {
        version: manifest.version,
        stage: model.stage_of(manifest.version).to_owned(),
        stages: model.stages_of(manifest.version).into_iter().map(str::to_owned).collect(),
        created_at: manifest.created_at,
        created_by: manifest.created_by.clone(),
        last_modified: manifest.last_modified(),
        aliases: aliases(&model.file, manifest.version),
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

fn version_view(snapshot: &Snapshot<'_>, model: &RegisteredModel, selector: &Selector) -> Result<VersionView> {
    let manifest = find::select(snapshot, model, selector)?;
    let (number, stages) = (manifest.version, snapshot.stages(&model.name)?);
    let moves = stages.iter().flat_map(|stage| {
        let name = stage.stage.to_string();
        let about = stage.history.iter().filter(move |entry| entry.version == number || entry.from == Some(number));
        about.map(move |entry| StageMove { stage: name.clone(), entry: entry.clone() })
    });
    let mut moves: Vec<StageMove> = moves.collect();
    moves.sort_by_key(|m| m.entry.at);
    Ok(VersionView {
        name: model.name.to_string(),
        stage: stage_of(&stages, &manifest).to_owned(),
        stages: stages_of(&stages, &manifest).into_iter().map(str::to_owned).collect(),
        aliases: aliases(model, number),
        last_modified: manifest.last_modified(),
        manifest,
        moves,
        requests: Vec::new(),
    })
}

fn aliases(model: &RegisteredModel, version: u64) -> Vec<String> {
    model.aliases_of(version).into_iter().map(str::to_owned).collect()
}
