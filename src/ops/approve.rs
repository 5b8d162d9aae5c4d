//! Approving a request, or an emergency that has landed.

use anyhow::Result;

use super::commit::{Done, Plan, Way, commit_as};
use super::forge;
use super::message::Message;
use super::refusal::Refusal;
use super::request::{self, Request, in_words};
use super::session::Session;
use crate::model::snapshot::text;
use crate::model::{Approval, RequestId, Review, Snapshot, Statement, Text, Tree, UserId, write};

/// An approval that was given.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Approved {
    /// The request.
    pub id: String,
    /// Whether the approval is signed.
    pub signed: bool,
    /// How many approvals the request has that count, this one included.
    pub approvals: usize,
    /// How many it needs.
    pub needed: usize,
    /// Whether it is an emergency that had landed before.
    pub landed: bool,
    /// The remote from which the request's branch was taken over, where there was none here.
    pub from_remote: Option<String>,
}

/// Adds the user's approval to a request.
pub fn approve(session: &Session, id: &RequestId, comment: Option<&Text>) -> Result<Done<Approved>> {
    let asked = request::request(session, id)?;
    if let Some(stale) = &asked.stale {
        let hint = format!("`modelreg reject {id} --reason stale`, and ask for the move again");
        return Err(Refusal::new(format!("the request is stale: {stale}"), hint).into());
    }
    let home = session.home()?;
    let way = if asked.landed {
        home.refuse_behind(session)?;
        Way::to(home.branch)
    } else {
        let mut way = Way::to(session.store.branch_of_requests(&id.branch())?);
        if let Some(forge) = forge::Remote::of(session, home.branch.name())? {
            way.push = forge.adds(id, asked.review);
        }
        if let Some(remote) = &asked.remote {
            // The first commit of this clone's own branch goes on top of the remote's.
            way.on = Some(session.store.remote_branch(remote, &id.branch()));
        }
        way
    };
    commit_as(session, way, |tree, who| {
        let snapshot = Snapshot::open(tree)?;
        let Some(mut stage) = snapshot.stage(&id.model, &id.stage)? else {
            return Err(Refusal::new("the request's branch has lost its move", "run `modelreg requests`").into());
        };
        let at = asked.place - 1;
        let same = |entry: &crate::model::Move| {
            (entry.at, entry.action, entry.version, &entry.by)
                == (asked.entry.at, asked.entry.action, asked.entry.version, &asked.entry.by)
        };
        let Some(entry) = stage.history.get(at).filter(|entry| same(entry)).cloned() else {
            return Err(Refusal::new(
                "the request was changed meanwhile",
                format!("look again: `modelreg request show {id}`"),
            )
            .into());
        };
        if let Some(refusal) = request::no_approver(&asked, &entry, &who.by) {
            return Err(refusal.into());
        }
        let time = request::approval_time(who.at, &entry);
        let mut approval = Approval { by: who.by.clone(), at: time, comment: comment.cloned(), signature: None };
        approval.signature = sign(session, &asked, &snapshot, &entry, &approval)?;
        let signed = approval.signature.is_some();
        stage.history[at].approvals.push(approval);
        let counted = counted(session, &asked, tree, &stage.history[at])?;
        let path = snapshot.layout().stage_file(&id.model, &id.stage);
        let present = tree.find(&path)?.map(|file| text(tree, &file)).transpose()?;
        let written = write::stage_text(&stage, present.as_deref(), &path)?;
        let subject = in_words(id, &entry);
        let message = Message::new(format!("Approve: {subject}"))
            .body(comment.map(|comment| comment.as_str()))
            .trailer("Action", "approve")
            .trailer("Model", &id.model)
            .trailer("Version", id.version)
            .trailer("Stage", &id.stage);
        let value = Approved {
            id: id.to_string(),
            signed,
            approvals: counted,
            needed: asked.count.needed,
            landed: asked.landed,
            from_remote: asked.remote.clone().filter(|_| !session.pushes()),
        };
        Ok(Plan { edits: [(path, Some(written.into_bytes()))].into(), message, value })
    })
}

/// How many approvals count, the new one among them; refused where it would not, for then it would only look like one.
fn counted(session: &Session, asked: &Request, tree: &dyn Tree, entry: &crate::model::Move) -> Result<usize> {
    let facts = request::facts(tree, Snapshot::open(tree)?.layout(), &asked.id)?;
    let tree = session.on_registry_branch()?;
    let snapshot = Snapshot::open(&tree)?;
    let policy = super::transition::declared(&snapshot, asked.id.stage.as_str())?;
    let count = request::count(session, &snapshot, policy, &asked.id, (asked.place, entry, facts))?;
    let newest = entry.approvals.len() - 1;
    match count.not_counted.iter().find(|(at, _)| *at == newest) {
        None => Ok(count.counted.len()),
        Some((_, why)) => {
            let hint = "`modelreg whoami` says who you are and with which key you sign; `allowed_signers` of the registry's branch says whose keys count";
            Err(Refusal::new(format!("your approval would not count: {why}"), hint).into())
        }
    }
}

/// The signature over what is approved, where the user has a key to sign with.
fn sign(
    session: &Session,
    asked: &Request,
    snapshot: &Snapshot<'_>,
    entry: &crate::model::Move,
    approval: &Approval,
) -> Result<Option<Text>> {
    let id = &asked.id;
    let missing = || {
        Refusal::new(format!("version {} of `{}` has no manifest", entry.version, id.model), "run `modelreg validate`")
    };
    let facts = snapshot.manifest(&id.model, entry.version)?.ok_or_else(missing)?.facts_digest();
    let model = id.model.to_string();
    let statement = Statement {
        registry: &snapshot.registry.name,
        model: &model,
        stage: &id.stage,
        place: asked.place,
        entry,
        facts: &facts,
        approval,
    };
    let signature = session.sign(&statement.to_string())?;
    if signature.is_none() && asked.review == Review::Signed {
        let who: &UserId = &approval.by;
        let why = format!("{} wants signed approvals, and git names no SSH key to sign with for `{who}`", id.stage);
        let hint = "git config --global gpg.format ssh && git config --global user.signingkey ~/.ssh/id_ed25519.pub";
        return Err(Refusal::new(why, hint).into());
    }
    Ok(signature)
}
