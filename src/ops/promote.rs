//! Moving a stage's pointer to a version.

use anyhow::Result;

use super::commit::{Asked, Done, Plan};
use super::find;
use super::message::Message;
use super::refusal::Refusal;
use super::session::Session;
use super::transition::{self, How, Moved, Wanted, commit_move};
use crate::check;
use crate::diag::Report;
use crate::model::{Action, ModelName, ModelSnapshot, Overlay, Snapshot, StagePolicy, Text, UserId};

/// What to promote.
#[derive(Debug, Clone)]
pub struct Promote {
    /// The model.
    pub model: ModelName,
    /// The version.
    pub version: u64,
    /// The stage that it enters.
    pub stage: String,
    /// Why.
    pub reason: Option<Text>,
    /// Whether the version that is there now stays, beside the new one.
    pub keep_existing: bool,
    /// Whether it is a request even where the policy wants none.
    pub request: bool,
}

/// Moves a stage's pointer to a version.
pub fn promote(session: &Session, ask: &Promote) -> Result<Done<Moved>> {
    let id = transition::id(session, &ask.model, &ask.stage, ask.version)?;
    commit_move(session, &id, (Action::Promote, How::of(ask.request)), ask.reason.as_ref(), |snapshot, asked| {
        planned(snapshot, asked, ask)
    })
}

/// What a promotion would do.
#[derive(Debug)]
pub struct Preview {
    /// The subject that its commit would have.
    pub subject: String,
    /// The approvals that the request would need, and by whom; none where it would land at once.
    pub request: Option<(usize, Vec<UserId>)>,
    /// What the rules say of it, with what the policy asks of the version.
    pub report: Report,
}

/// Plans a promotion and has it judged, and writes nothing.
pub fn preview(session: &Session, ask: &Promote) -> Result<Preview> {
    let wants =
        transition::declared(&Snapshot::open(&session.for_moves()?)?, &ask.stage)?.wants_request() || ask.request;
    let on = if wants { Some(session.home()?.tip) } else { session.store.tip(&session.target()?)? };
    let tree = session.store.tree(on)?;
    let snapshot = Snapshot::open(&tree)?;
    let asked = Asked { by: session.user(&session.person()?)?, at: session.now(), on };
    let Plan { edits, message, .. } = planned(&snapshot, &asked, ask)?;
    let report = check::change(&tree, &Overlay::new(&tree, &edits), &[], &session.signatures()?)?;
    let policy = transition::declared(&snapshot, &ask.stage)?;
    let owners = snapshot.model_file(&ask.model)?.map(|model| model.owners).unwrap_or_default();
    let needed = policy.needed_approvals() as usize;
    let approvers = if needed > 0 { snapshot.registry.approvers(policy, &owners) } else { Vec::new() };
    Ok(Preview {
        subject: message.subject(),
        request: wants.then_some((needed, approvers)),
        report: report.without_missing_approvals(),
    })
}

fn planned(snapshot: &Snapshot<'_>, asked: &Asked, ask: &Promote) -> Result<Plan<Moved>> {
    let policy = transition::declared(snapshot, &ask.stage)?;
    let model = find::live_model(snapshot, &ask.model)?;
    let (name, version) = (&model.file.name, ask.version);
    let manifest = find::live_version(&model, version)?;
    if manifest.archived == Some(true) {
        return Err(Refusal::new(
            format!("version {version} of `{name}` is archived"),
            format!("`modelreg unarchive '{name}' {version}` first"),
        )
        .into());
    }
    let stage = transition::stage_of(&model, &policy.name);
    if stage.version == Some(version) {
        return Err(Refusal::new(
            format!("version {version} of `{name}` is in {} already", policy.name),
            format!("`modelreg show '{name}'` shows what is where"),
        )
        .into());
    }
    refuse_without_earlier_stage(&model, policy, version)?;
    let wanted = Wanted {
        action: Action::Promote,
        version,
        reason: ask.reason.as_ref(),
        keep: ask.keep_existing,
        emergency: false,
    };
    let (edits, moved) = transition::plan(snapshot, &model, &stage, &wanted, asked)?;
    let was = moved.from.map_or(String::new(), |from| format!(" (was {from})"));
    let mut message = Message::new(format!("Promote {name} {version} to {}{was}", policy.name))
        .body(ask.reason.as_ref().map(|r| r.as_str()))
        .trailer("Action", "promote")
        .trailer("Model", name)
        .trailer("Version", version)
        .trailer("Stage", &policy.name);
    if let Some(from) = moved.from {
        message = message.trailer("Prior-Version", from);
    }
    Ok(Plan { edits, message, value: moved })
}

/// A stage can ask that a version has been in another one before.
fn refuse_without_earlier_stage(model: &ModelSnapshot, policy: &StagePolicy, version: u64) -> Result<()> {
    let Some(after) = &policy.after else { return Ok(()) };
    if model.stage(after.as_str()).is_some_and(|stage| stage.has_held(version)) {
        return Ok(());
    }
    let name = &model.file.name;
    Err(Refusal::new(
        format!(
            "version {version} of `{name}` has never been in {after}, and {} takes only versions that have",
            policy.name
        ),
        format!("`modelreg promote '{name}' {version} --to '{after}'` first"),
    )
    .into())
}
