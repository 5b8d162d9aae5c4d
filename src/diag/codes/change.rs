//! Codes for changes that are not allowed relative to the base.

use crate::diag::code::codes;

codes! {
    BROKEN_BEFORE = Warning "broken-before", "the base had this finding before the change",
"A change is refused for what it brings or touches. A finding that the base has too, in a file that the change leaves as it is, is a warning: otherwise \
one broken file could stop the rollback of every other model.

The message names the rule. Fix the finding in a change of its own.";

    VERSION_REMOVED = Error "version-removed", "a version's manifest was removed",
"Version numbers are never reused, and the facts of a deployed version must remain available. A missing manifest leaves a gap, and the next registration could reuse its number.

Put the file back. `modelreg delete MODEL@VERSION` hides a version and leaves a tombstone, which `modelreg restore` removes.";

    FACT_CHANGED = Error "fact-changed", "a fact of a merged version was changed",
"The facts of a version never change once merged: its artifact, digests, lineage, params, metrics, who registered it and when. Approvals and deployments were decided on these facts. \
If a metric is corrected later, say from 0.91 to 0.95, every earlier decision looks as if it had been made on 0.95.

Put the value back, and register a new version with the right one. These keys may change: `description`, `archived`, `updated_at`, `updated_by`, `[tags]`, \
`[[comments]]` and `[[closed_requests]]` (new entries at the end), and `[deleted]`.";

    MODEL_REMOVED = Error "model-removed", "a model's folder was removed",
"The folder contained all versions of the model and the journals of its stages. A new model with the same name would start at version 1 again.

Put the folder back. `modelreg delete MODEL` hides a model and leaves a tombstone; `modelreg rename` moves it and keeps the old name in `former_names`.";

    FORMER_NAME_REUSED = Error "former-name-reused", "a new model takes the former name of another",
"A former name leads to the model that had it, and services load models by such addresses. A new model with that name would take them over: they would load another artifact, \
without a move that anybody has reviewed.

Choose another name.";

    TIME_AHEAD = Error "time-ahead", "a time is more than a day ahead of the clock",
"The order of a journal is that of its times, which never decrease. An entry from the future would stay the newest, and every later entry would have to be later still. \
The clock is that of the machine that judges the change: of the command, the server with the hook, or CI. Where the registry itself is ahead of the clock, the next millisecond is accepted.

Write the time at which the change was made. Check the clock with `date -u`.";

    POLICY_VERSION_JUMPED = Error "policy-version-jumped", "policy_version rose by more than one",
"`policy_version` counts the changes of the policy. A jump to the largest number would leave no number for the next change.

Raise it by one.";

    MODEL_FACT_CHANGED = Error "model-fact-changed", "a fact of a merged model was changed",
"The time of registration and the registering user never change. Former names stay, so that old addresses continue to work.

Put the value back. Description, owners, project, tags and aliases may change.";

    COMMENT_REWRITTEN = Error "comment-rewritten", "a comment was changed or removed",
"Comments are append-only: later readers must see the review as it was written.

Put the comment back, and add a correction: `modelreg comment MODEL VERSION TEXT`.";

    CLOSED_REQUEST_REWRITTEN = Error "closed-request-rewritten", "a closed request was changed or removed",
"`[[closed_requests]]` records who rejected or withdrew which request, when and why. The list is append-only: entries that could be edited would be no evidence.

Put the entry back as it was.";

    TOMBSTONE_CHANGED = Error "tombstone-changed", "a tombstone was edited",
"`[deleted]` records who deleted a version or model, when and why. It is added and removed as a whole, never edited.

Put it back as it was. `modelreg restore` removes it.";

    JOURNAL_REWRITTEN = Error "journal-rewritten", "an entry of a stage's journal was rewritten",
"The journal records which version was in a stage when, who requested it, who approved it and why. It is append-only: entries that could be edited would be no evidence. \
An approval of a landed emergency may be added to its entry, if the approval counts.

Put the entry back. Correct a mistake with a new entry: a promotion, a rollback or a withdrawal.";

    JOURNAL_SHORTENED = Error "journal-shortened", "entries of a stage's journal were removed",
"The journal is append-only. Without the removed entries, a rollback would go to another prior version.

Put the entries back.";

    STAGE_FILE_REMOVED = Error "stage-file-removed", "a stage's pointer and journal were removed",
"The file contains every move of the stage since the first. Removing the file does not empty the stage, it erases its history.

Put the file back. `modelreg withdraw MODEL VERSION --from STAGE` empties a stage.";

    CLOSED_REQUEST_LANDED = Error "closed-request-landed", "the request of a new move was rejected or withdrawn",
"A request that was rejected or withdrawn is closed: its version keeps who closed it, when and why. The same journal entry cannot come in afterwards, for example from a clone that had not heard of the rejection.

Make a new request for the move.";

    JOURNAL_BACKDATED = Error "journal-backdated", "a new journal entry is older than an existing entry",
"The times of a journal never decrease, so that `modelreg history --as-of TIME` has one answer. A back-dated entry claims that a version was in the stage at a time when it was not.

Date the entry when it was made. If the machine's clock is behind, modelreg itself uses the last entry's time plus a millisecond.";

    BESIDE_CHANGED = Error "beside-changed", "a version entered or left a stage without a journal entry",
"`beside` lists the versions that stay in the stage next to the pointer, for example a canary. Versions enter and leave a stage only by a move, with its entry, its reason and its approvals. \
The entry has the list after the move, because approvers sign the entry; the stage's list is that of the last entry. \
A promotion may keep the version that it replaces in `beside`, or clear the list; a withdrawal removes a version from it. Nothing else changes the list.

Put the list back as it was. `modelreg promote MODEL VERSION --to STAGE --keep-existing` keeps a version in `beside`, `modelreg withdraw` removes it.";

    AFTER_NOT_MET = Error "after-not-met", "a version skipped a required stage",
"The stage's policy has `after = \"...\"`: only a version that has been in that other stage may enter. The policy of the base applies, not that of the change. Rollbacks are exempt.

Promote the version to the earlier stage first.";

    GATE_NOT_MET = Error "gate-not-met", "a version does not pass a gate of the stage",
"The policy of the base requires metrics of a version that enters the stage: at least `min`, at most `max`, or not worse than the version in a \
stage now, within a tolerance. The message shows the value, the required value, and the version it was compared with. Rollbacks are exempt, because their version was in the stage before.

Promote a version that passes. If the gate is wrong, change the policy first, in a separate change.";

    REQUIREMENT_NOT_MET = Error "requirement-not-met", "a version lacks a key that the stage requires",
"The policy of the base lists in `requires` the keys that a version's manifest must have to enter the stage, for example `lineage.code`. So every version in production \
can be traced.

A description can be added to a version. Other facts cannot be added: register a new version that has them.";

    APPROVALS_MISSING = Error "approvals-missing", "a move has fewer approvals than the policy requires",
"The policy of the base says how many people must approve a move of the stage, and who may. These approvals do not count: the requester's own, \
a second one by the same person, one by a person whom the policy does not name, and one that is older than the move. If the stage has `review = \"signed\"`, an approval also does not count \
without a signature, with a signature over another statement, or with a key that `allowed_signers` does not list for the approver.

Get the missing approvals: `modelreg approve MODEL/STAGE/VERSION`. `modelreg request show` lists who may approve.";

    APPROVAL_NOT_COUNTED = Error "approval-not-counted", "a change adds an approval that does not count",
"A new journal entry has an approval that does not count under the policy of the base, or the stage counts no approvals at all. The message says why. \
Once merged, such an approval would look to every reader like the word of a person who reviewed the move.

Remove the approval, or make the request again. A person whom the policy names approves, with a key that `allowed_signers` lists.";

    LATE_APPROVAL_NOT_COUNTED = Error "late-approval-not-counted", "an approval that does not count was added to a landed move",
"Only an emergency is approved after it has landed. An approval that does not count under the policy of the base would only look like one: the registry would no longer show the emergency as \
unapproved, although no valid approval exists. The message says why the approval does not count.

Remove the approval. A person whom the policy names approves with `modelreg approve MODEL/STAGE/VERSION`.";

    REQUEST_NOT_SIGNED = Error "request-not-signed", "the requester did not sign the move",
"Where the policy of the base says `review = \"signed\"`, the person in `by` signs the move, emergencies included. Otherwise a person who may approve could ask in another \
person's name, and approve alone. The signature is over the statement of the move, with a key that `allowed_signers` lists for that person, valid at the time of the move and now. \
With `review = \"recorded\"` the signature may be absent, but must be good if it is there. Other stages take no signatures.

Make the request again with your own key: `modelreg promote`, `rollback` and `withdraw` sign. `modelreg doctor` shows your key and whether it is listed.";

    EMERGENCY_NOT_ALLOWED = Error "emergency-not-allowed", "a move is marked as an emergency and may not be one",
"An emergency lands before its approval. Three conditions apply: the stage's policy has `emergency = true`, the move is a rollback to the prior version, and no other emergency \
of the stage awaits approval.

Request the move with `modelreg rollback`, and have it approved.";

    POLICY_VERSION_NOT_RAISED = Error "policy-version-not-raised", "the policy changed without a higher policy_version",
"`policy_version` rises whenever stages, teams, the branch or the registry's name change. So a request that was made under an old policy, and a revert to an old policy, are visible.

Raise it by one.";

    POLICY_VERSION_LOWERED = Error "policy-version-lowered", "policy_version was lowered",
"An old policy cannot be restored by reverting the commit that replaced it: a person who was removed from the approvers would be an approver again.

Write a number above the base's, together with the policy that you want.";

    POLICY_WITH_MOVE = Error "policy-with-move", "a change edits the policy and moves a pointer",
"The policy for a move is read from the base. A change that edits the stages, the teams or `allowed_signers` and also moves a stage's pointer \
asks its reviewers to judge the move by rules that are not in force yet. \
Where a stage has a review and names no approvers, the owners of a model approve, and a change of `owners` is such a change.

Split the change: first the policy, reviewed as such, then the move.";

    MIXED_CHANGE = Error "mixed-change", "a change of models also changes other files",
"Changes of models are reviewed by the people responsible for the models. They may not notice a workflow, a script or a CODEOWNERS file in the same change. \
A change without files under `models/` may change any other file.

Split the change in two.";
}
