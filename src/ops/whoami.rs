//! Who the user is to a registry: the person, the key, and what both may approve.

use anyhow::Result;

use super::review::{refuse_approver, requests};
use super::session::Session;
use crate::check::Signers;
use crate::model::signers::{Listing, listing};
use crate::model::statement::NAMESPACE;
use crate::model::{ModelName, Review, Snapshot, UserId};
use crate::store::{PublicKey, SigningKey};

/// Who the user is to a registry.
#[derive(Debug)]
pub struct WhoAmI {
    /// The user id.
    pub by: UserId,
    /// The name that git puts into commits.
    pub name: String,
    /// The key that approvals are signed with; none where git is not set to sign by SSH.
    pub key: Option<Key>,
    /// The teams that name the user.
    pub teams: Vec<String>,
    /// What each stage wants, and what the user may approve of it.
    pub stages: Vec<MayApprove>,
    /// The open requests that await the user's approval.
    pub awaiting: Vec<String>,
}

/// The key that approvals are signed with.
#[derive(Debug)]
pub struct Key {
    /// Where it is: the path of a file, else the key itself.
    pub place: String,
    /// What is public of it; none where that is not there.
    pub public: Option<PublicKey>,
    /// What the registry's `allowed_signers` says of it.
    pub listing: Listing,
}

/// What the user may approve of a stage.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MayApprove {
    /// The stage.
    pub stage: String,
    /// Which review it wants.
    pub review: Review,
    /// How many approvals.
    pub approvals_needed: usize,
    /// Whether the policy names the user for every model.
    pub every_model: bool,
    /// The models that the user may approve for as their owner, where the policy names nobody.
    pub owned: Vec<ModelName>,
}

/// Asks the registry's own branch who the user is.
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

/// The user's signing key, and whether it counts.
pub(super) fn key(session: &Session, by: &UserId) -> Result<Option<Key>> {
    let Some(key) = session.store.signing_key()? else { return Ok(None) };
    let public = session.store.public_key(&key)?;
    let tree = session.registry_tree()?;
    let signers = Signers::of(&Snapshot::open(&tree)?)?.text;
    let listing = public
        .as_ref()
        .map_or(Listing::Absent, |public| listing(&signers, public.base64(), by, NAMESPACE, session.now()));
    let place = match key {
        SigningKey::File(path) => path.display().to_string(),
        SigningKey::Literal(text) => text,
    };
    Ok(Some(Key { place, public, listing }))
}
