//! Threats 10 to 14 of `docs/threats.md`, by somebody who can write to branches: `validate --base`, `land` and a server's hook agree.
//!
//! An attack rides on a request that is in order: without it all three let the request pass, so what they refuse is the
//! attack. Each is known by its diagnostic's code or its words, never by the exit status alone.

mod approvals;
mod copied;
mod facts_and_journals;
mod merges;
mod pointers;
mod policy;

use super::{ID, POINTER, Team};

/// The journal of the stage that wants no review.
const STAGING: &str = "models/iris/stages/staging.toml";

/// What the judges say of an attack, and how Eve edits her clone for it.
type Attack<'a> = (&'a [&'a str], &'a dyn Fn(&Team));

/// A request, and Eve's clone to spoil it in.
struct Scene {
    team: Team,
    id: &'static str,
}

impl Scene {
    /// The story's request, not approved, after Ada has prepared the registry.
    fn asked(review: &str, prepare: impl FnOnce(&Team)) -> Self {
        Self::of(asked(review, prepare), ID)
    }

    /// The story's request, approved.
    fn approved(review: &str, prepare: impl FnOnce(&Team)) -> Self {
        let team = asked(review, prepare);
        team.approve();
        Self::of(team, ID)
    }

    /// The request of an id that was pushed; from here on the hub judges what is pushed to it.
    fn of(team: Team, id: &'static str) -> Self {
        team.ok("hub.git", &["hook", "install"]);
        team.git("eve", &["checkout", "-q", "main"]);
        team.git("eve", &["pull", "-q"]);
        Self { team, id }
    }

    /// Eve has the request as it was pushed, and nothing of her own.
    fn afresh(&self) {
        let branch = format!("requests/{}", self.id);
        self.team.git("eve", &["checkout", "-q", "-B", &branch, &format!("origin/{branch}")]);
    }

    /// Eve takes the request as it was pushed, and makes a commit of each edit on top.
    fn spoil(&self, edits: &[&dyn Fn(&Team)]) {
        self.afresh();
        for edit in edits {
            edit(&self.team);
            self.commit();
        }
    }

    /// Eve commits what she edited.
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

    /// What the three say: `validate`, `land` and the hook.
    fn judged(&self) -> [(&'static str, String); 3] {
        let validated = self.team.env.run("eve", &["validate", "--base", "main", "--head", "merged"]);
        let landed = self.team.env.run("eve", &["land", self.id]);
        let pushed = self.team.env.git_with_hooks("eve", &["push", "origin", "merged:main"]);
        [("validate", validated), ("land", landed), ("the hook", pushed)]
    }

    /// All three refuse what is on Eve's branch of the request, and say this.
    #[track_caller]
    fn all_refuse(&self, says: &[&str]) {
        self.merge();
        self.judges_refuse(says, says);
    }

    /// Each attack by itself is refused by all three.
    #[track_caller]
    fn refuses_each(&self, attacks: &[Attack<'_>]) {
        for (says, attack) in attacks {
            self.spoil(&[attack]);
            self.all_refuse(says);
        }
    }

    /// They refuse what is on Eve's branch `merged`; `land`, which looks at the request's branch alone, in its own
    /// words.
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

    /// All three let pass what is on Eve's branch of the request: the near miss, which ends the scene.
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

/// Replaces what must be there in a file of Eve's.
#[track_caller]
fn edit(team: &Team, path: &str, from: &str, to: &str) {
    let path = format!("eve/{path}");
    let text = team.env.read(&path);
    assert!(text.contains(from), "{from} is not in {text}");
    team.env.write(&path, &text.replacen(from, to, 1));
}

/// Adds to the end of a file of Eve's.
fn append(team: &Team, path: &str, more: &str) {
    let path = format!("eve/{path}");
    let text = team.env.read(&path);
    team.env.write(&path, &(text + more));
}

/// A journal entry by Eve, which moves a version in a stage that wants no review.
fn entry(action: &str, version: u64, from: u64) -> String {
    format!(
        "\n[[history]]\nat = 2026-01-02T03:04:05Z\nby = \"eve@example.com\"\naction = \"{action}\"\nversion = {version}\nfrom = {from}\n"
    )
}
