//! The user's identity in a registry: id, key, and what the user may approve.

use anyhow::Result;

use super::review::{refuse_approver, requests};
use super::session::Session;
use crate::check::Signers;
use crate::model::signers::{Listing, listing};
use crate::model::{ModelName, Purpose, Review, Snapshot, Timestamp, UserId};
use crate::store::{PublicKey, SigningKey};

/// The user's identity in a registry.
#[derive(Debug)]
pub struct WhoAmI {
    /// The user id.
    pub by: UserId,
    /// The name in commits.
    pub name: String,
    /// The key that signs approvals; none if git is not configured to sign with SSH.
    pub key: Option<Key>,
    /// The user's teams.
    pub teams: Vec<String>,
    /// For each stage, the review that it requires and what the user may approve.
    pub stages: Vec<MayApprove>,
    /// The open requests that await the user's approval.
    pub awaiting: Vec<String>,
}

/// The key that signs approvals.
#[derive(Debug)]
pub struct Key {
    /// The path of the key's file, or the key itself.
    pub place: String,
    /// The public key; none if its file is missing.
    pub public: Option<PublicKey>,
    /// The key's entry in the registry's `allowed_signers`.
    pub listing: Listing,
}

/// What the user may approve of a stage.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MayApprove {
    /// The stage.
    pub stage: String,
    /// The review that the stage requires.
    pub review: Review,
    /// The number of approvals that the stage requires.
    pub approvals_needed: usize,
    /// Whether the policy names the user for every model.
    pub every_model: bool,
    /// The models whose requests the user may approve as an owner, if the policy names no approvers.
    pub owned: Vec<ModelName>,
}

/// Reads the user's identity by the policy on the registry's branch.
pub fn whoami(session: &Session) -> Result<WhoAmI> {
    let person = session.person()?;
    let by = session.user(&person)?;
    let tree = session.registry_tree()?;
    let snapshot = Snapshot::open(&tree)?;
    let registry = &snapshot.registry;
    let is_me = |people: &[UserId]| people.iter().any(|other| other.same_person(&by));
    let by_owner = |policy: &crate::model::StagePolicy| policy.needed_approvals() > 0 && policy.approvers.is_empty();
    let owned = if registry.stages.iter().any(by_owner) { owned(&snapshot, &by)? } else { Vec::new() };
    let stages = registry.stages.iter().map(|policy| MayApprove {
        stage: policy.name.to_string(),
        review: policy.review,
        approvals_needed: policy.needed_approvals() as usize,
        every_model: is_me(&registry.approvers(policy, &[])),
        owned: if by_owner(policy) { owned.clone() } else { Vec::new() },
    });
    let open = requests(session)?.requests;
    let awaiting = open.iter().filter(|request| {
        let enough = request.count.enough();
        let refusal = refuse_approver(&request.id, request.review, &request.count, &request.entry, &by);
        !enough && request.stale().is_none() && refusal.is_none()
    });
    Ok(WhoAmI {
        key: key(session, &by)?,
        teams: registry.teams.iter().filter(|(_, people)| is_me(people)).map(|(team, _)| team.to_string()).collect(),
        stages: stages.collect(),
        awaiting: awaiting.map(|request| request.id.to_string()).collect(),
        name: person.name,
        by,
    })
}

/// The models that a person owns.
fn owned(snapshot: &Snapshot<'_>, by: &UserId) -> Result<Vec<ModelName>> {
    let mut owned = Vec::new();
    for folder in snapshot.model_folders()? {
        let Ok(name) = ModelName::new(folder.name()) else { continue };
        let model = snapshot.model_file(&name)?;
        if model.is_some_and(|model| model.owners.iter().any(|owner| owner.same_person(by))) {
            owned.push(name);
        }
    }
    Ok(owned)
}

/// The user's signing key, and its entry in `allowed_signers`.
pub(super) fn key(session: &Session, by: &UserId) -> Result<Option<Key>> {
    let Some(key) = session.store.signing_key()? else { return Ok(None) };
    let public = session.store.public_key(&key)?;
    let tree = session.registry_tree()?;
    let signers = Signers::of(&Snapshot::open(&tree)?)?.text;
    let listing =
        public.as_ref().map_or(Listing::Absent, |public| listed(&signers, public.base64(), by, session.now()));
    let place = match key {
        SigningKey::File(path) => path.display().to_string(),
        SigningKey::Literal(text) => text,
    };
    Ok(Some(Key { place, public, listing }))
}

/// The key's entry for what a person signs, the lesser one: a line can allow approvals and no requests.
fn listed(signers: &str, key: &str, by: &UserId, now: Timestamp) -> Listing {
    let of = |purpose: Purpose| listing(signers, key, by, purpose.namespace(), now);
    of(Purpose::Approval).min(of(Purpose::Request))
}
