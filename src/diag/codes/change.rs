//! Codes of what a change may not do to what is merged already.

use crate::diag::code::codes;

codes! {
    VERSION_REMOVED = Error "version-removed", "a version's manifest was removed",
"Version numbers are never used again, and what is deployed somewhere must stay answerable. A manifest that is gone leaves a gap that the next \
registration could fill with something else.

Put the file back. `modelreg delete MODEL@VERSION` hides a version and leaves a tombstone that `modelreg restore` takes back.";

    FACT_CHANGED = Error "fact-changed", "a fact of a merged version was changed",
"What a version *is* never changes once merged: its artifact, digests, lineage, params, metrics, who registered it and when. Whoever approved or deployed it did \
so on these facts. A metric that is corrected later, say from 0.91 to 0.95, would make every earlier decision look as if it had been made on 0.95.

Put the value back, and register a new version with the right one. May change: `description`, `archived`, `updated_at`, `updated_by`, `[tags]`, \
`[[comments]]` (at the end) and `[deleted]`.";

    MODEL_REMOVED = Error "model-removed", "a model's folder was removed",
"All versions of the model and the journals of its stages went with it, and a new model of the name would start at version 1 again.

Put the folder back. `modelreg delete MODEL` hides a model and leaves a tombstone; `modelreg rename` moves it and keeps the old name in `former_names`.";

    MODEL_FACT_CHANGED = Error "model-fact-changed", "a fact of a merged model was changed",
"When a model was registered and by whom does not change, and the names it had before go on to resolve for those who still use them.

Put the value back. Description, owners, project, tags and aliases may change.";

    COMMENT_REWRITTEN = Error "comment-rewritten", "a comment was changed or removed",
"Comments are said once: a review that is read later must be the review that was written. The list only grows, at its end.

Put the comment back, and add another that corrects it: `modelreg comment MODEL VERSION TEXT`.";

    TOMBSTONE_CHANGED = Error "tombstone-changed", "a tombstone was rewritten",
"`[deleted]` says who deleted a version or model, when and why. It is laid and lifted as a whole, never edited.

Put it back as it was. `modelreg restore` lifts it.";

    JOURNAL_REWRITTEN = Error "journal-rewritten", "an entry of a stage's journal was rewritten",
"The journal says what was in a stage when, who asked, who approved and why. It only grows, at its end: an entry that could be edited would be no evidence. \
An approval that comes later, of an emergency, may be added to its entry, where it counts.

Put the entry back. What was wrong is corrected by a new entry: a promotion, a rollback, a withdrawal.";

    JOURNAL_SHORTENED = Error "journal-shortened", "entries of a stage's journal were removed",
"The journal only grows. Without its entries the prior version, to which a rollback goes, would be another one.

Put the entries back.";

    STAGE_FILE_REMOVED = Error "stage-file-removed", "a stage's pointer and journal were removed",
"The file holds every move of the stage since the first. Removing it does not empty the stage, it erases its history.

Put the file back. `modelreg withdraw MODEL VERSION --from STAGE` empties a stage.";

    JOURNAL_BACKDATED = Error "journal-backdated", "a new journal entry is dated before an old one",
"A journal's times never fall, so that `modelreg history --as-of TIME` has one answer. An entry that is dated back claims that something was in the stage when it was not.

Date the entry when it was made. Where the machine's clock is behind, modelreg itself takes the next millisecond after the last entry.";

    BESIDE_CHANGED = Error "beside-changed", "a version entered or left a stage without an entry in its journal",
"`beside` lists the versions that stay in the stage next to the pointer, as for a canary. What is in a stage is changed by a move, with its entry, its reason and its approvals. A promotion may keep the version that it displaces there, or clear the list; a withdrawal takes a version out of it; nothing else changes it.

Put the list back as it was. `modelreg promote MODEL VERSION --to STAGE --keep-existing` keeps a version beside, `modelreg withdraw` takes it out.";

    AFTER_NOT_MET = Error "after-not-met", "a version skipped the stage it must have been in",
"The policy says `after = \"...\"` for the stage: only a version that has been in that other stage may enter. The base's policy counts, not that of the change. Rollbacks are exempt.

Promote the version to the earlier stage first.";

    GATE_NOT_MET = Error "gate-not-met", "a version does not pass a gate of the stage",
"The policy of the commit that the change is merged into names metrics that a version must show to enter the stage: at least `min`, at most `max`, or not worse than what is in a \
stage now, within a tolerance. The message says how much it is, how much it must be, and what it was compared with. Rollbacks are exempt: they go to what was good once.

Promote a version that passes. Where the gate is wrong, change the policy first, in a change of its own.";

    REQUIREMENT_NOT_MET = Error "requirement-not-met", "a version lacks what the stage requires",
"The policy of the commit that the change is merged into lists keys in `requires` that a version's manifest must have to enter the stage, as in `lineage.code`, so that what is in production \
can always be traced.

A description can be added to a version. Other facts cannot: register a version that has them.";

    APPROVALS_MISSING = Error "approvals-missing", "a move has fewer approvals than the policy wants",
"The policy of the commit that the change is merged into says how many must approve a move of the stage, and who may. Not counted are: the approval of the one who asks, \
a second one by the same person, one by somebody whom the policy does not name, one that is older than the move, and, where the stage wants `review = \"signed\"`, one without a signature, with a signature that is over \
another statement, or by a key that `allowed_signers` does not list for the approver.

Have it approved: `modelreg approve MODEL/STAGE/VERSION`. `modelreg request show` says who may.";

    APPROVAL_NOT_COUNTED = Warning "approval-not-counted", "an approval does not count",
"The journal holds an approval that the policy of the base does not count. The message says why. It stays as a record, and somebody else has to approve.

Ask somebody whom the policy names, with a key that `allowed_signers` lists.";

    LATE_APPROVAL_NOT_COUNTED = Error "late-approval-not-counted", "an approval that does not count was added to a move that has landed",
"Only an emergency is approved after it has landed. An approval that the base's policy does not count would only look like one: the registry would no longer show the emergency as \
awaiting approval, and nobody would have given it. The message says why it does not count.

Take it out again. Somebody whom the policy names approves with `modelreg approve MODEL/STAGE/VERSION`.";

    EMERGENCY_NOT_ALLOWED = Error "emergency-not-allowed", "a move claims to be an emergency and may not be one",
"An emergency lands before its approval. The policy must allow that for the stage (`emergency = true`); the move must be a rollback to the prior version, which was good once; and while one \
awaits its approval the stage takes no second one.

Ask for the move with `modelreg rollback`, and have it approved.";

    POLICY_VERSION_NOT_RAISED = Error "policy-version-not-raised", "the policy changed and its version did not",
"`policy_version` rises whenever stages, teams, the branch or the registry's name change, so that a request that was made under an old policy, or a revert to one, shows.

Raise it by one.";

    POLICY_VERSION_LOWERED = Error "policy-version-lowered", "the policy's version was lowered",
"An old policy cannot be put back by reverting the commit that replaced it: who was removed from the approvers would be one again.

Write a number above the base's, and the policy that you want.";

    POLICY_WITH_MOVE = Error "policy-with-move", "a change edits the policy and profits from it",
"Who may move what is read from the commit that a change is merged into. A change that edits the stages, the teams or `allowed_signers` and moves a stage's pointer \
at once asks its reviewers to judge the move by rules that it brings along.

Make two changes of it: first the policy, reviewed as such, then the move.";

    MIXED_CHANGE = Error "mixed-change", "a change of models touches other files too",
"A change of a registry is reviewed by those who answer for the models. A workflow, a script or a CODEOWNERS file that travels with a promotion is easily \
approved unseen. A change that touches nothing under `models/` may touch what it likes.

Make two changes of it.";
}
