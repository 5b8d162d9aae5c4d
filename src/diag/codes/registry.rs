//! Codes for the contents of `registry.toml` and `allowed_signers`.

use crate::diag::code::codes;

codes! {
    TOO_MANY_STAGES = Error "too-many-stages", "a registry has more than 100 stages",
"Registries have three or four stages, rarely ten. Each stage is a file in every model and appears on every page. Hundreds of stages are an error of a program that writes \
`registry.toml`, or an attempt to slow readers down. modelreg does not check such a list of stages further.

Remove unused stages. To group versions, use a tag.";

    DUPLICATE_STAGE = Error "duplicate-stage", "two stages have the same name",
"Stage names are compared without regard to case, because every model has one file per stage, named in lower case. With two stages `Production` and `production`, it is unclear which policy applies.

Rename or remove one of them.";

    UNKNOWN_STAGE = Error "unknown-stage", "the policy names a stage that the registry does not have",
"`after` and `not_worse_than` name another stage of the same registry. If no `[[stages]]` entry has that name, the condition can never be met or checked.

Correct the name, or declare the stage.";

    STAGE_CYCLE = Error "stage-cycle", "stages require each other in a cycle",
"With `after = \"Staging\"`, only a version that has been in Staging may enter. If Staging in turn requires this stage, no version can ever enter either of them.

Remove `after` from one of the stages in the cycle.";

    UNKNOWN_TEAM = Error "unknown-team", "a team of approvers is not declared",
"`approvers = [\"@ml-leads\"]` names a team, whose members are listed in `[teams]`. An undeclared team has no members, so nobody could approve.

Add the team to `[teams]`, or correct its name.";

    EMPTY_GATE = Error "empty-gate", "a gate has no condition",
"A gate without `min`, `max` and `not_worse_than` lets every version pass. Its author probably forgot the threshold.

Add the threshold, for example `min = 0.9`, or remove the gate.";

    GATE_RANGE = Error "gate-range", "no value can pass a gate",
"If `min` is above `max`, no number passes the gate, and nothing can enter the stage any more.

Exchange the two, or correct the wrong one.";

    GATE_WITHOUT_GOAL = Error "gate-without-goal", "a gate compares without saying which direction is better",
"`not_worse_than` compares a metric with the metric of the version in another stage. `goal` says which direction is better: for an accuracy 0.2 is worse than 0.3, for a loss it is better.

Add `goal = \"higher\"` or `goal = \"lower\"`.";

    NEGATIVE_TOLERANCE = Error "negative-tolerance", "a gate has a negative tolerance",
"`tolerance` is how far a version may fall behind the version it is compared with. A negative tolerance would require an improvement, although it reads like an allowance.

Write a number of zero or more.";

    APPROVALS_OUT_OF_RANGE = Error "approvals-out-of-range", "a stage requires an impossible number of approvals",
"A stage with `review = \"recorded\"` or `\"signed\"` counts approvals. Zero approvals would be no review, and more approvals than approvers, or more than 100, can never be reached.

Set `approvals` between 1 and the number of people that `approvers` names.";

    APPROVALS_WITHOUT_REVIEW = Warning "approvals-without-review", "a stage sets approvals or approvers, but its review does not count approvals",
"With `review = \"none\"` a transition is committed at once, and with `\"forge\"` the forge decides who may approve. `approvals` and `approvers` have no effect in both cases, so the policy looks stricter than it is.

Set `review = \"recorded\"` or `\"signed\"`, or remove the keys.";

    SIGNED_WITHOUT_SIGNERS = Error "signed-without-signers", "a stage requires signed approvals, but allowed_signers is missing",
"`review = \"signed\"` counts only approvals that are signed by a key in `allowed_signers`. Without that file no signature counts, and nothing can enter the stage.

Add `allowed_signers` beside `registry.toml`, with lines such as `lead@example.com ssh-ed25519 AAAA...`.";

    SIGNERS_SYNTAX = Error "signers-syntax", "a line of allowed_signers is malformed",
"Each line has the signer, optional options, the key type and the key: `lead@example.com namespaces=\"modelreg-approval@v1\" ssh-ed25519 AAAA...`. See ALLOWED SIGNERS in `man ssh-keygen`. \
At a malformed line ssh-keygen stops reading the file, or ignores a key that people rely on.

Correct the line; the key is in the signer's `.pub` file.";

    POLICY_VERSION_ZERO = Error "policy-version-zero", "policy_version is below 1",
"`policy_version` starts at 1 and rises with every change of the policy, so that a return to an old policy is visible. Zero is not a valid version.

Set `policy_version = 1`, or the previous value plus one.";
}
