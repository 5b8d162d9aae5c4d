//! `safety.md` 10 to 14 by somebody who can write to branches: `validate --base`, `land` and a server's hook agree.

use super::{ID, POINTER, Team};

/// `validate --base`, `land` and the hub's pre-receive hook refuse what is on Eve's branch of the request, and say this.
#[track_caller]
fn all_refuse(team: &Team, says: &str) {
    let request = format!("requests/{ID}");
    team.ok("hub.git", &["hook", "install"]);
    team.git("eve", &["checkout", "-q", "main"]);
    team.git("eve", &["checkout", "-q", "-B", "merged"]);
    team.git("eve", &["merge", "-q", "--no-ff", "-m", "merge", &request]);
    let judged = team.refused("eve", &["validate", "--base", "main", "--head", "merged"]);
    assert!(judged.contains(says), "{judged}");
    team.git("eve", &["checkout", "-q", "main"]);
    let before = team.env.tip("eve", "main");
    let landed = team.refused("eve", &["land", ID]);
    assert!(landed.contains(says), "{landed}");
    assert_eq!(team.env.tip("eve", "main"), before);
    assert!(team.refused("eve", &["validate", "--base", "main", "--head", "merged"]).contains("approvals-missing"));
    let before = team.env.tip("hub.git", "main");
    let pushed =
        team.env.program("eve", "git").args(["push", "origin", "merged:main"]).env("PATH", path()).output().unwrap();
    let told = String::from_utf8_lossy(&pushed.stderr);
    assert!(!pushed.status.success() && told.contains(says) && told.contains("approvals-missing"), "{told}");
    assert_eq!(team.env.tip("hub.git", "main"), before);
}

/// Where a hook finds the program under test.
fn path() -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_modelreg")).parent().unwrap();
    format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default())
}

/// Eve has the request on a branch of her own and edits the pointer's file there.
fn edited(review: &str, edit: impl FnOnce(&Team, String) -> String) -> Team {
    let team = Team::new(review);
    team.ask();
    team.git("eve", &["fetch", "-q"]);
    team.git("eve", &["checkout", "-q", "-b", &format!("requests/{ID}"), &format!("origin/requests/{ID}")]);
    let text = team.env.read(&format!("eve/{POINTER}"));
    let text = edit(&team, text);
    team.env.write(&format!("eve/{POINTER}"), &text);
    team.git("eve", &["commit", "-q", "-a", "--allow-empty", "-m", "x"]);
    team
}

fn approval(by: &str, signature: &str) -> String {
    let signature = if signature.is_empty() { String::new() } else { format!("signature = '''\n{signature}'''\n") };
    format!("\n[[history.approvals]]\nby = \"{by}\"\nat = 2026-01-02T03:04:06Z\n{signature}")
}

#[test]
fn safety_13_an_approval_that_is_only_written_down_does_not_count_where_it_must_be_signed() {
    let team = edited("signed", |_, text| text + &approval("lead@example.com", ""));
    all_refuse(&team, "it is not signed");
}

#[test]
fn safety_13_a_signature_by_an_unlisted_key_does_not_count() {
    let team = edited("signed", |team, text| {
        team.env.write("eve/../message", "anything");
        let key = team.env.path("home/eve").display().to_string();
        let message = team.env.path("message").display().to_string();
        let args = ["-Y", "sign", "-n", "modelreg-approval@v1", "-f", &key, &message];
        assert!(team.env.program(".", "ssh-keygen").args(args).output().unwrap().status.success());
        text + &approval("lead@example.com", &team.env.read("message.sig"))
    });
    all_refuse(&team, "does not count");
}

#[test]
fn safety_13_somebody_whom_the_policy_does_not_name_cannot_approve() {
    let team = edited("recorded", |_, text| text + &approval("eve@example.com", ""));
    all_refuse(&team, "the policy does not name `eve@example.com`");
    assert!(team.refused("eve", &["approve", ID]).contains("does not name `eve@example.com`"));
}

#[test]
fn safety_13_the_one_who_asks_cannot_approve() {
    let team = edited("recorded", |_, text| text + &approval("ada@example.com", ""));
    all_refuse(&team, "it is by the one who asks");
    assert!(team.refused("ada", &["approve", ID]).contains("nobody approves what they ask for"));
}

#[test]
fn safety_13_an_approval_is_not_that_of_a_move_that_was_changed_after_it() {
    let team = Team::new("signed");
    team.ask();
    team.approve();
    team.git("eve", &["fetch", "-q"]);
    team.git("eve", &["checkout", "-q", "-b", &format!("requests/{ID}"), &format!("origin/requests/{ID}")]);
    let text = team.env.read(&format!("eve/{POINTER}"));
    team.env.write(&format!("eve/{POINTER}"), &text.replace("reason = \"better\"", "reason = \"cheaper\""));
    team.git("eve", &["commit", "-q", "-a", "-m", "x"]);
    all_refuse(&team, "it is over another statement");
}

#[test]
fn safety_12_a_request_that_brings_its_own_policy_or_signers_is_refused() {
    let team = edited("signed", |team, text| {
        let registry = team.env.read("eve/registry.toml");
        team.env.write(
            "eve/registry.toml",
            &registry.replace("review = \"signed\"\n", "").replace("policy_version = 2", "policy_version = 3"),
        );
        text
    });
    all_refuse(&team, "policy-with-move");
}

#[test]
fn an_approver_whose_key_is_not_listed_is_told_before_anything_is_written() {
    let team = Team::new("signed");
    team.ask();
    let key = team.env.path("home/eve.pub").display().to_string();
    team.git("lead", &["config", "user.signingkey", &key]);
    let before = team.git("lead", &["for-each-ref"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(
        refused.contains("your approval would not count: its key is none that `allowed_signers` lists"),
        "{refused}"
    );
    team.git("lead", &["config", "--unset", "user.signingkey"]);
    let refused = team.refused("lead", &["approve", ID]);
    assert!(refused.contains("git names no SSH key to sign with"), "{refused}");
    assert_eq!(team.git("lead", &["for-each-ref"]), before);
}

#[test]
fn safety_14_two_requests_that_are_each_fine_alone_cannot_both_land() {
    let team = Team::new("recorded");
    team.ask();
    team.approve();
    // The version is deleted on the branch meanwhile: the merge result would point to a tombstone.
    team.ok("ada", &["delete", "iris@2", "--reason", "trained on the test set"]);
    let refused = team.refused("ada", &["land", ID]);
    assert!(refused.contains("pointer-to-deleted"), "{refused}");
}
