//! Where the owners of a model approve its moves, a change of `owners` is a change of the policy.

use std::collections::BTreeSet;

use super::model::ModelChange;
use crate::model::UserId;

/// The file of a model whose owners the change replaces, if owners approve by the base's policy. A model that the change
/// adds has no owners before it.
pub(super) fn changed(change: &ModelChange<'_>) -> Option<String> {
    let (was, is) = (change.base.as_ref()?, change.head.as_ref()?);
    let people =
        |owners: &[UserId]| owners.iter().map(|owner| owner.folded().as_str().to_owned()).collect::<BTreeSet<_>>();
    let differ = change.sides.policy().owners_approve() && people(&was.owners) != people(&is.value.owners);
    differ.then(|| is.source.path.clone())
}
