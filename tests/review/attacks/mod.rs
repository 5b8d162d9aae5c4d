//! `safety.md` 10 to 14 by somebody who can write to branches. Each attack lies on the branch of a request, and three judges
//! must refuse it and say the same: `validate --base` on the merge result, `land`, and a server's pre-receive hook.

mod approvals;
mod facts;
mod merges;
mod pointers;
mod policy;

use super::{ID, POINTER, Team};

/// Where the story's model lies in Eve's clone.
const IRIS: &str = "eve/models/iris";

/// What each of the three judges says of what is on Eve's branch of the request.
struct Judged {
    validate: String,
    land: String,
    push: String,
}

/// Has the branch of the request judged, as it lies in Eve's clone. Nothing of it stays anywhere but where it lands.
fn judge(team: &Team) -> Judged {
    let request = format!("requests/{ID}");
    team.git("eve", &["checkout", "-q", "-B", "merged", "main"]);
    team.git("eve", &["merge", "-q", "--no-ff", "-m", "merge", &request]);
    let validate = team.env.run("eve", &["validate", "--base", "main", "--head", "merged"]);
    team.git("eve", &["checkout", "-q", "main"]);
    let before = team.env.tip("eve", "main");
    // Landing is tried in a copy of what is known here: the branch would be gone afterwards.
    let tip = team.env.tip("eve", &request);
    let land = team.env.run("eve", &["land", ID]);
    team.git("eve", &["update-ref", &format!("refs/heads/{request}"), &tip]);
    team.git("eve", &["reset", "-q", "--hard", &before]);
    team.ok("hub.git", &["hook", "install"]);
    let hub = team.env.tip("hub.git", "main");
    let push = team.env.git_with_hooks("eve", &["push", "origin", "merged:main"]);
    if push.ends_with("--- status 0\n") {
        team.git("hub.git", &["update-ref", "refs/heads/main", &hub]);
        team.git("eve", &["update-ref", "refs/remotes/origin/main", &hub]);
    } else {
        assert_eq!(team.env.tip("hub.git", "main"), hub);
    }
    // The story goes on with programs that are not on everybody's PATH.
    std::fs::remove_file(team.env.path("hub.git/hooks/pre-receive")).unwrap();
    Judged { validate, land, push }
}

impl Judged {
    /// All three refuse, and say this.
    #[track_caller]
    fn refused(&self, says: &str) {
        for said in [&self.validate, &self.land, &self.push] {
            assert!(said.contains(says) && said.ends_with("--- status 1\n"), "should say {says}: {said}");
        }
    }

    /// None refuses.
    #[track_caller]
    fn taken(&self) {
        for said in [&self.validate, &self.land, &self.push] {
            assert!(said.ends_with("--- status 0\n"), "{said}");
        }
    }
}

/// Eve's branch of the request begins anew as it was pushed, and gets her edit.
#[track_caller]
fn attack(team: &Team, edit: impl FnOnce(&Team)) -> Judged {
    team.git("eve", &["fetch", "-q"]);
    let request = format!("requests/{ID}");
    team.git("eve", &["checkout", "-q", "-B", &request, &format!("origin/{request}")]);
    edit(team);
    team.git("eve", &["add", "-A"]);
    team.git("eve", &["commit", "-q", "--allow-empty", "-m", "x"]);
    judge(team)
}

/// Replaces a text in a file of Eve's.
#[track_caller]
fn replace(team: &Team, path: &str, from: &str, to: &str) {
    let text = team.env.read(path);
    assert!(text.contains(from), "{path} has no {from}: {text}");
    team.env.write(path, &text.replacen(from, to, 1));
}

/// A team with an approved request, and more that an attack can point to: versions 3, which is deleted, and 4, which is
/// archived, and another model with five.
fn approved(review: &str) -> Team {
    let team = Team::new(review);
    for version in 3..=4 {
        team.ok("ada", &["register", "iris", "--artifact", &format!("s3://models/iris/{version}")]);
    }
    team.ok("ada", &["delete", "iris@3", "--reason", "trained on the test set"]);
    team.ok("ada", &["archive", "iris", "4"]);
    for version in 1..=5 {
        team.ok("ada", &["register", "tulip", "--artifact", &format!("s3://models/tulip/{version}")]);
    }
    team.git("ada", &["push", "-q", "origin", "main"]);
    for person in ["lead", "eve"] {
        team.git(person, &["pull", "-q"]);
    }
    team.ask();
    team.approve();
    team
}

/// An approval as it lies in the journal.
fn approval(by: &str, signature: &str) -> String {
    let signature = if signature.is_empty() { String::new() } else { format!("signature = '''\n{signature}'''\n") };
    format!("\n[[history.approvals]]\nby = \"{by}\"\nat = 2026-01-02T03:04:06Z\n{signature}")
}
