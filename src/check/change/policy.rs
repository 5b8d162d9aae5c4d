//! A change of the policy moves no pointer, and raises `policy_version` by one.

use crate::check::sink::{Loaded, Sink};
use crate::diag::codes::change::{
    POLICY_VERSION_JUMPED, POLICY_VERSION_LOWERED, POLICY_VERSION_NOT_RAISED, POLICY_WITH_MOVE,
};
use crate::model::Registry;
use crate::model::layout::SIGNERS_FILE;

/// What decides who may approve, besides `registry.toml`.
pub(super) struct Also<'a> {
    /// Whether `allowed_signers` changed.
    pub signers_changed: bool,
    /// The files of the models with other owners, if owners approve.
    pub owners_changed: &'a [String],
}

/// Judges a change of the policy. `moved` are the stage files that the change touches.
pub(super) fn check(base: &Registry, head: &Loaded<Registry>, also: &Also<'_>, moved: &[String], sink: &mut Sink) {
    let (was, is) = (base.policy_version, head.value.policy_version);
    let next = was.saturating_add(1);
    let changed = !base.same_policy(&head.value);
    let key = ["policy_version".into()];
    if is < was {
        let message = format!("`policy_version` was lowered from {was} to {is}, but an old policy cannot be restored");
        let hint = format!("write `policy_version = {next}` and the policy that you want");
        sink.key(&POLICY_VERSION_LOWERED, &head.source, &key, message, hint);
    } else if changed && is == was {
        let message = format!("the policy changed, but `policy_version` is still {was}");
        sink.key(&POLICY_VERSION_NOT_RAISED, &head.source, &key, message, format!("write `policy_version = {next}`"));
    } else if is > next {
        let message = format!("`policy_version` rose from {was} to {is}, but it rises by one");
        sink.key(&POLICY_VERSION_JUMPED, &head.source, &key, message, format!("write `policy_version = {next}`"));
    }
    let owners = also.owners_changed.first().map(|path| format!("`owners` in {path}"));
    let what = match changed {
        true => Some("the policy".to_owned()),
        false if also.signers_changed => Some(SIGNERS_FILE.to_owned()),
        false => owners,
    };
    if let (Some(what), Some(path)) = (what, moved.first()) {
        let message =
            format!("the change moves a stage's pointer and also changes {what}, by which the move is judged");
        sink.path(&POLICY_WITH_MOVE, path, message, format!("first change {what} in a separate change"));
    }
}
