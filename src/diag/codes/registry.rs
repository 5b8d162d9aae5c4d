//! Codes for what `registry.toml` and `allowed_signers` mean.

use crate::diag::code::codes;

codes! {
    TOO_MANY_STAGES = Error "too-many-stages", "a registry has more than 100 stages",
"Registries have three or four stages, seldom ten. Each is a file in every model and a step on every page, so hundreds are a slip of a program that writes \
`registry.toml`, or an attempt to slow readers down. The stages are not looked at further.

Remove those that nothing uses. What sorts versions without holding them is better a tag.";

    DUPLICATE_STAGE = Error "duplicate-stage", "two stages have the same name",
"Stage names are compared without regard to case, for each has a file of its lower-case name in every model. Of two stages `Production` and `production` nobody could tell which policy counts.

Rename or remove one of them.";

    UNKNOWN_STAGE = Error "unknown-stage", "the policy names a stage that the registry does not have",
"`after` and `not_worse_than` name another stage of the same registry. With a name that no `[[stages]]` entry has, the condition could never be met, or never be checked.

Correct the name, or declare the stage.";

    STAGE_CYCLE = Error "stage-cycle", "stages require each other in a circle",
"`after = \"Staging\"` lets only a version enter that has been in Staging. If Staging in turn asks for this stage, no version can ever enter either.

Remove `after` from one of the stages in the circle.";

    UNKNOWN_TEAM = Error "unknown-team", "a team of approvers is not declared",
"`approvers = [\"@ml-leads\"]` names a team, and its people stand in `[teams]`. A team that is not there has no people, so nobody could approve.

Add the team to `[teams]`, or correct its name.";

    EMPTY_GATE = Error "empty-gate", "a gate asks for nothing",
"A gate with neither `min` nor `max` nor `not_worse_than` lets every version pass. Whoever wrote it meant to hold something back.

Add the threshold, as in `min = 0.9`, or remove the gate.";

    GATE_RANGE = Error "gate-range", "no value can pass a gate",
"A gate whose `min` is above its `max` is passed by no number, so nothing can enter the stage any more.

Exchange the two, or correct the wrong one.";

    GATE_WITHOUT_GOAL = Error "gate-without-goal", "a gate compares without saying which direction is better",
"`not_worse_than` compares a metric with that of the version in another stage. Without `goal` nobody knows whether 0.2 is worse than 0.3: for accuracy it is, for a loss it is not.

Add `goal = \"higher\"` or `goal = \"lower\"`.";

    NEGATIVE_TOLERANCE = Error "negative-tolerance", "a gate has a negative tolerance",
"`tolerance` says by how much a version may fall behind the one it is compared with. A negative one would demand an improvement while it reads like an allowance.

Write a number of zero or more.";

    APPROVALS_OUT_OF_RANGE = Error "approvals-out-of-range", "a stage asks for a number of approvals that cannot be had",
"A stage with `review = \"recorded\"` or `\"signed\"` counts approvals. None at all would make the review empty, and more than there are approvers, or more than 100, could never be reached.

Set `approvals` between 1 and the number of people that `approvers` names.";

    APPROVALS_WITHOUT_REVIEW = Warning "approvals-without-review", "a stage has approvals or approvers but no review that counts them",
"With `review = \"none\"` a transition is committed at once, and with `\"forge\"` the forge decides who may approve. `approvals` and `approvers` have no effect there, which is not what a reader of the policy would think.

Set `review = \"recorded\"` or `\"signed\"`, or remove the keys.";

    SIGNED_WITHOUT_SIGNERS = Error "signed-without-signers", "a stage wants signed approvals and no key is trusted",
"`review = \"signed\"` counts only approvals signed by a key that `allowed_signers` lists. Without that file no signature can count, and nothing can enter the stage.

Add `allowed_signers` beside `registry.toml`, with lines such as `lead@example.com ssh-ed25519 AAAA...`.";

    SIGNERS_SYNTAX = Error "signers-syntax", "a line of allowed_signers is not one that ssh-keygen reads",
"Each line holds who signs, options if any, the kind of key and the key: `lead@example.com namespaces=\"modelreg-approval@v1\" ssh-ed25519 AAAA...`. See ALLOWED SIGNERS in `man ssh-keygen`. \
A line it cannot read makes it give up on the file, or leaves a key out that people rely on.

Correct the line; the key is what the signer's `.pub` file holds.";

    POLICY_VERSION_ZERO = Error "policy-version-zero", "policy_version is below 1",
"`policy_version` starts at 1 and rises with every change of the policy, so that an old policy cannot be put back unseen. Zero is below the first.

Set `policy_version = 1`, or what it was before plus one.";
}
