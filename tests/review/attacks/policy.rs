//! 12: changes of the policy or of the keys, and what profits from them.

use super::{Team, approved, attack, replace};

const POLICY: &str = "eve/registry.toml";

#[test]
fn safety_12_a_request_brings_neither_its_own_policy_nor_its_own_keys() {
    let team = approved("signed");
    let weaker = |team: &Team| {
        replace(team, POLICY, "review = \"signed\"\n", "");
        replace(team, POLICY, "policy_version = 2", "policy_version = 3");
    };
    attack(&team, weaker).refused("policy-with-move");
    let approver = |team: &Team| {
        replace(team, POLICY, "lead@example.com", "eve@example.com");
        replace(team, POLICY, "policy_version = 2", "policy_version = 3");
    };
    attack(&team, approver).refused("policy-with-move");
    let key = |team: &Team| {
        let own = format!("lead@example.com {}", team.env.read("home/eve.pub"));
        team.env.write("eve/allowed_signers", &own);
    };
    attack(&team, key).refused("policy-with-move");
}

/// The same in two commits of one push: what counts is what the push does.
#[test]
fn safety_12_nor_in_a_commit_of_its_own() {
    let team = approved("signed");
    let weaker = |team: &Team| {
        replace(team, POLICY, "review = \"signed\"\n", "");
        replace(team, POLICY, "policy_version = 2", "policy_version = 3");
        team.git("eve", &["commit", "-q", "-a", "-m", "policy"]);
    };
    attack(&team, weaker).refused("policy-with-move");
}

#[test]
fn safety_12_a_policy_only_goes_forward() {
    let team = approved("signed");
    let old = |team: &Team| {
        replace(team, POLICY, "review = \"signed\"\n", "");
        replace(team, POLICY, "policy_version = 2", "policy_version = 1");
    };
    attack(&team, old).refused("policy-version-lowered");
    let unraised =
        |team: &Team| replace(team, POLICY, "approvers = [\"@ml-leads\"]", "approvers = [\"eve@example.com\"]");
    attack(&team, unraised).refused("policy-version-not-raised");
}
