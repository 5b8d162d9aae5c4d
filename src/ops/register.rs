//! Registering a version under the model's next number. The first version creates the model.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::commit::{Attempt, Done, Edits, Message, Plan, Precondition, Summary, commit};
use super::find;
use super::preview::{Preview, preview};
use super::refusal::Refusal;
use super::session::Session;
use crate::check::given;
use crate::diag::sanitize::for_shell;
use crate::model::schema::schema_of;
use crate::model::{
    Artifact, ArtifactUri, Code, Digest, Format, Key, Line, Lineage, Manifest, ModelName, ModelUri, Number,
    RegisteredModel, Scalar, Selector, Signature, Snapshot, Text, write,
};
use crate::store::Receipt;
use crate::store::artifact::Scanned;

/// The facts of a version that a user or a training run can give, also in a TOML or JSON file (`--from`). The keys are
/// those of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Project id.
    pub project: Option<Line>,
    /// The environment of the training.
    pub environment: Option<Line>,
    /// The description.
    pub description: Option<Text>,
    /// The library that wrote the artifact.
    pub flavor: Option<Line>,
    /// The lineage.
    pub lineage: Lineage,
    /// The parameters of the training.
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub params: BTreeMap<Key, Scalar>,
    /// The metrics.
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub metrics: BTreeMap<Key, Number>,
    /// The inputs and outputs of the model.
    pub signature: Option<Signature>,
    /// The tags.
    #[schemars(extend("propertyNames" = { "format": "key" }))]
    pub tags: BTreeMap<Key, Text>,
}

impl Facts {
    /// Reads a JSON file if the name ends with `.json`, otherwise a TOML file. Nested params are flattened with dots.
    pub fn read(path: &Path) -> Result<Self> {
        static SCHEMA: LazyLock<Value> = LazyLock::new(schema_of::<Facts>);
        let hint = "write the keys of a version's manifest: params, metrics, tags, lineage ...";
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|e| Refusal::new(format!("`{shown}` cannot be read: {e}"), hint))?;
        let json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        Ok(given(&shown, &text, json, &SCHEMA).map_err(|report| Refusal {
            report: Some(report),
            ..Refusal::new(format!("`{shown}` has facts that cannot be registered"), hint)
        })?)
    }
}

/// The version to register.
#[derive(Debug, Clone)]
pub struct Register {
    /// The model; created by its first version.
    pub model: ModelName,
    /// The artifact's address.
    pub uri: ArtifactUri,
    /// The scan of the artifact, if the artifact is on this machine.
    pub scanned: Option<Scanned>,
    /// The artifact's digest as the user gives it, if the artifact was not scanned.
    pub digest: Option<Digest>,
    /// The other facts.
    pub facts: Facts,
}

/// A registered version.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Registered {
    /// The model.
    pub model: String,
    /// The version's number.
    pub version: u64,
    /// Whether the model was created too.
    pub new_model: bool,
    /// The artifact's address.
    pub uri: String,
    /// The artifact's digest.
    pub digest: Option<String>,
    /// The number of files of an artifact that was read.
    pub files: Option<usize>,
    /// The size of an artifact that was read, in bytes.
    pub size: Option<u64>,
}

/// Registers the next version of a model.
pub fn register(session: &Session, ask: &Register) -> Result<Done<Registered>> {
    commit(session, &Precondition::None, |snapshot, attempt| plan(ask, snapshot, attempt))
}

/// Plans a registration and checks it by the rules. Writes nothing.
pub fn preview_register(session: &Session, ask: &Register) -> Result<Preview> {
    preview(session, session.store.tip(&session.target()?)?, |snapshot, attempt| plan(ask, snapshot, attempt))
}

fn plan(ask: &Register, snapshot: &Snapshot<'_>, attempt: &Attempt) -> Result<Plan<Registered>> {
    let ask = &fixed(ask, snapshot)?;
    let layout = snapshot.layout();
    let mut edits = Edits::new();
    let (name, new_model) = match find::model_name(snapshot, &ask.model) {
        Ok(name) => (name, false),
        Err(error) if error.is::<Refusal>() => (ask.model.clone(), true),
        Err(error) => return Err(error),
    };
    let version = if new_model {
        let path = layout.model_file(&name);
        let model = new_registered_model(&name, ask, attempt);
        edits.insert(path.clone(), Some(write::model_text(&model, &path).into_bytes()));
        1
    } else {
        refuse_deleted(snapshot, &name)?;
        snapshot.newest_version(&name)? + 1
    };
    let manifest = manifest(ask, version, attempt);
    let path = layout.version_file(&name, version);
    edits.insert(path.clone(), Some(write::manifest_text(&manifest, &path).into_bytes()));
    let message = Message::new(format!("Register {name} {version}"))
        .body(ask.facts.description.as_ref().map(|d| d.as_str()))
        .trailer("Action", "register")
        .trailer("Model", &name)
        .trailer("Version", version)
        .trailer("Artifact", &ask.uri);
    let digest = manifest.artifact.digest.as_ref().map(ToString::to_string);
    let message = match &digest {
        Some(digest) => message.trailer("Digest", digest),
        None => message,
    };
    let value = Registered {
        model: name.to_string(),
        version,
        new_model,
        uri: ask.uri.to_string(),
        digest,
        files: ask.scanned.as_ref().map(|scanned| scanned.files.len()),
        size: ask.scanned.as_ref().map(|scanned| scanned.size),
    };
    Ok(Plan::new(edits, message, value))
}

impl Done<Registered> {
    /// The summary of a registration.
    pub fn into_summary(self) -> (Summary, Registered, Receipt) {
        let (mut summary, registered, receipt) = self.into_commit_summary();
        if let (Some(files), Some(size), Some(digest)) = (registered.files, registered.size, &registered.digest) {
            summary.line(format!("{files} {}, {size} bytes, {digest}", if files == 1 { "file" } else { "files" }));
        }
        let model = for_shell(&registered.model);
        summary.next(format!("modelreg promote {model} {} --to STAGE", registered.version));
        (summary, registered, receipt)
    }
}

/// The registration with version numbers in place of stages, aliases and `latest`: these move, and facts do not.
fn fixed(ask: &Register, snapshot: &Snapshot<'_>) -> Result<Register> {
    let version = |uri: &ArtifactUri| -> Result<ArtifactUri> {
        let parsed = ModelUri::parse(uri.as_str());
        let Ok(ModelUri { model, selector }) = parsed else { return Ok(uri.clone()) };
        if matches!(selector, Selector::Version(_)) {
            return Ok(uri.clone());
        }
        let model = find::live_file(snapshot, &model)?;
        let version = find::select_live(snapshot, &model, &selector)?.version;
        Ok(ArtifactUri::new(format!("models:/{}/{version}", model.name)).map_err(Refusal::from)?)
    };
    let mut fixed = ask.clone();
    fixed.uri = version(&ask.uri)?;
    fixed.facts.lineage.parent = ask.facts.lineage.parent.as_ref().map(version).transpose()?;
    Ok(fixed)
}

fn refuse_deleted(snapshot: &Snapshot<'_>, name: &ModelName) -> Result<()> {
    match snapshot.model_file(name)?.and_then(|file| file.deleted) {
        None => Ok(()),
        Some(deleted) => Err(Refusal::new(
            format!("the model `{name}` was deleted by {} at {}", deleted.by, deleted.at.human()),
            format!("`modelreg restore '{name}'` undoes the deletion; its version numbers are never used again"),
        )
        .into()),
    }
}

fn new_registered_model(name: &ModelName, ask: &Register, attempt: &Attempt) -> RegisteredModel {
    RegisteredModel {
        format: Format,
        name: name.clone(),
        project: ask.facts.project.clone(),
        description: None,
        owners: vec![attempt.by.clone()],
        created_at: attempt.at,
        created_by: attempt.by.clone(),
        updated_at: None,
        updated_by: None,
        former_names: Vec::new(),
        tags: BTreeMap::new(),
        aliases: BTreeMap::new(),
        deleted: None,
    }
}

fn manifest(ask: &Register, version: u64, attempt: &Attempt) -> Manifest {
    let facts = ask.facts.clone();
    let (size, digest, files) = match ask.scanned.clone() {
        Some(scanned) => (Some(scanned.size), Some(scanned.digest), scanned.files),
        None => (None, ask.digest.clone(), Vec::new()),
    };
    Manifest {
        format: Format,
        version,
        created_at: attempt.at,
        created_by: attempt.by.clone(),
        project: facts.project,
        environment: facts.environment,
        artifact: Artifact { uri: ask.uri.clone(), flavor: facts.flavor, size, digest, files },
        lineage: facts.lineage,
        params: facts.params,
        metrics: facts.metrics,
        signature: facts.signature,
        description: facts.description,
        archived: None,
        updated_at: None,
        updated_by: None,
        tags: facts.tags,
        comments: Vec::new(),
        closed_requests: Vec::new(),
        deleted: None,
    }
}

/// The commit that is checked out in a folder, and the address of its repository: `lineage.code` with `--git-info`.
pub fn code_commit(dir: &Path) -> Result<Code> {
    let (repository, commit) = crate::store::code_commit(dir)?;
    let repository = repository.and_then(|url| crate::model::RepositoryUrl::new(url).ok());
    Ok(Code { repository, commit: crate::model::CommitId::new(commit).map_err(Refusal::from)? })
}
