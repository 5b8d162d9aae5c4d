//! Threats 10 to 14 of `docs/threats.md`, by an attacker who can write to branches. `validate --base`, `land` and a server's hook agree.
//!
//! Each attack is added to a valid request. Without the attack all three accept the request, so they refuse the
//! attack. A refusal is recognized by the diagnostic's code or message, never by the exit status alone.

pub mod approvals;
mod copied;
mod facts_and_journals;
mod merges;
mod pointers;
mod policy;

use super::{ID, POINTER, Team};

/// The journal of the stage without a review.
const STAGING: &str = "models/iris/stages/staging.toml";

/// The expected messages about an attack, and Eve's edit.
type Attack<'a> = (&'a [&'a str], &'a dyn Fn(&Team));

/// A request, and Eve's clone with the attack on it.
struct Scene {
    team: Team,
    id: &'static str,
}

impl Scene {
    /// The request of the tests without an approval, after Ada's changes of the registry.
    fn asked(review: &str, prepare: impl FnOnce(&Team)) -> Self {
        Self::of(asked(review, prepare), ID)
    }

    /// The request of the tests, approved.
    fn approved(review: &str, prepare: impl FnOnce(&Team)) -> Self {
        let team = asked(review, prepare);
        team.approve();
        Self::of(team, ID)
    }

    /// A pushed request with an id. From now on the hub's hook checks every push.
    fn of(team: Team, id: &'static str) -> Self {
        team.ok("hub.git", &["hook", "install"]);
        team.git("eve", &["checkout", "-q", "main"]);
        team.git("eve", &["pull", "-q"]);
        Self { team, id }
    }

    /// Resets Eve's clone to the pushed request.
    fn afresh(&self) {
        let branch = format!("requests/{}", self.id);
        self.team.git("eve", &["checkout", "-q", "-B", &branch, &format!("origin/{branch}")]);
    }

    /// Resets Eve's clone to the pushed request, and commits each edit.
    fn spoil(&self, edits: &[&dyn Fn(&Team)]) {
        self.afresh();
        for edit in edits {
            edit(&self.team);
            self.commit();
        }
    }

    /// Commits Eve's edits.
    fn commit(&self) {
        self.team.git("eve", &["add", "-A"]);
        self.team.git("eve", &["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    /// Merges Eve's branch of the request as a forge would.
    fn merge(&self) {
        self.team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
        self.team.git("eve", &["merge", "-q", "--no-ff", "-m", "merge", &format!("requests/{}", self.id)]);
        self.team.git("eve", &["checkout", "-q", "main"]);
    }

    /// The messages of `validate`, `land` and the hook.
    fn judged(&self) -> [(&'static str, String); 3] {
        let validated = self.team.env.run("eve", &["validate", "--base", "main", "--head", "merged"]);
        let landed = self.team.env.run("eve", &["land", self.id, "--with-other-changes"]);
        let pushed = self.team.env.git_with_hooks("eve", &["push", "origin", "merged:main"]);
        [("validate", validated), ("land", landed), ("the hook", pushed)]
    }

    /// Asserts that all three refuse Eve's branch of the request, with these messages.
    #[track_caller]
    fn all_refuse(&self, says: &[&str]) {
        self.merge();
        self.judges_refuse(says, says);
    }

    /// Asserts that all three refuse each attack by itself.
    #[track_caller]
    fn refuses_each(&self, attacks: &[Attack<'_>]) {
        for (says, attack) in attacks {
            self.spoil(&[attack]);
            self.all_refuse(says);
        }
    }

    /// Asserts that all three refuse Eve's branch `merged`. `land` reads only the request's branch, so its messages
    /// differ.
    #[track_caller]
    fn judges_refuse(&self, says: &[&str], land_says: &[&str]) {
        let tips = || [self.team.env.tip("eve", "main"), self.team.env.tip("hub.git", "main")];
        let before = tips();
        for (who, said) in self.judged() {
            assert!(said.ends_with("--- status 1\n"), "{who} on {says:?}: {said}");
            for words in if who == "land" { land_says } else { says } {
                assert!(said.contains(words), "{who} on {words}: {said}");
            }
        }
        assert_eq!(tips(), before, "{says:?}");
    }

    /// Asserts that all three accept Eve's branch of the request, the valid counterpart. Lands the request.
    #[track_caller]
    fn all_take(self) {
        self.merge();
        for (who, said) in self.judged() {
            assert!(said.ends_with("--- status 0\n"), "{who}: {said}");
        }
        self.team.env.assert_clean("eve");
        self.team.ok("eve", &["validate"]);
    }
}

fn asked(review: &str, prepare: impl FnOnce(&Team)) -> Team {
    let team = Team::new(review);
    prepare(&team);
    team.git("ada", &["push", "-q", "origin", "main"]);
    team.git("lead", &["pull", "-q"]);
    team.ask();
    team
}

/// Replaces a text, which must occur, in a file of Eve's clone.
#[track_caller]
fn edit(team: &Team, path: &str, from: &str, to: &str) {
    let path = format!("eve/{path}");
    let text = team.env.read(&path);
    assert!(text.contains(from), "{from} is not in {text}");
    team.env.write(&path, &text.replacen(from, to, 1));
}

/// Appends to a file of Eve's clone.
fn append(team: &Team, path: &str, more: &str) {
    let path = format!("eve/{path}");
    let text = team.env.read(&path);
    team.env.write(&path, &(text + more));
}

/// A journal entry by Eve, which moves a version in the stage without a review.
fn entry(action: &str, version: u64, from: u64) -> String {
    format!(
        "\n[[history]]\nat = 2026-01-02T03:04:05Z\nby = \"eve@example.com\"\naction = \"{action}\"\nversion = {version}\nfrom = {from}\n"
    )
}
