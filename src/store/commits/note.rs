//! The note of a commit in progress, from which the next run finishes what a killed run could not.

use git2::Oid;

use crate::model::Timestamp;
use crate::store::refs::branch::Branch;

/// The first line of a note.
const HEADER: &str = "modelreg.pending 3";

/// A commit that a branch is about to get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// The full name of the branch.
    pub(super) branch: String,
    /// The branch's tip before the commit.
    pub(super) tip: Option<Oid>,
    /// The tip that the commit was made on.
    pub(super) from: Option<Oid>,
    /// The commit and its time.
    pub(super) commit: Option<(Oid, Timestamp)>,
    /// The remote that the commit is pushed to.
    pub(super) remote: Option<String>,
    /// Whether the branch is checked out, so its files need an update.
    pub(super) follow: bool,
    /// The changed paths, from the repository's root, sorted.
    pub(super) paths: Vec<String>,
    /// Whether files outside of the registry may have changed too, so that git updates the working tree.
    pub(super) whole: bool,
    /// The branch that the commit makes superfluous.
    pub(super) closes: Option<Closes>,
    /// Whether the commit has been reported, so only the rest of the work remains.
    pub(super) reported: bool,
}

/// The branch of a request that a commit closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closes {
    /// The branch in this clone.
    pub branch: Branch,
    /// The request's commit.
    pub commit: Oid,
    /// The tip of the branch in this clone, which is deleted; none if there is nothing to delete.
    pub here: Option<Oid>,
}

impl Note {
    /// The tip that the commit was made on; none on an unborn branch.
    pub fn from(&self) -> Option<Oid> {
        self.from
    }

    /// Whether the commit is pushed to this remote before the branch gets the commit.
    pub fn is_for(&self, remote: &str) -> bool {
        self.remote.as_deref() == Some(remote)
    }

    /// The branch that the commit is for.
    pub(super) fn branch(&self) -> Branch {
        Branch { full_name: self.branch.clone(), checked_out: self.follow }
    }

    /// Reads a note. A note of another format names no commit, so no work is left of it.
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let mut note = Self::default();
        if lines.next() != Some(HEADER) {
            return note;
        }
        let id = |text: &str| Oid::from_str(text).ok().filter(|id| !id.is_zero());
        for line in lines {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "branch" => note.branch = value.into(),
                "tip" => note.tip = id(value),
                "from" => note.from = id(value),
                "commit" => {
                    let (commit, at) = value.split_once(' ').unwrap_or_default();
                    note.commit = id(commit).zip(Timestamp::parse(at).ok());
                }
                "remote" => note.remote = Some(value.into()),
                "follow" => note.follow = true,
                "whole" => note.whole = true,
                "path" => note.paths.push(value.into()),
                "closes" => {
                    let (commit, full_name) = value.split_once(' ').unwrap_or_default();
                    let branch = Branch { full_name: full_name.into(), checked_out: false };
                    note.closes = id(commit).map(|commit| Closes { branch, commit, here: None });
                }
                "deletes" => {
                    if let Some(closes) = &mut note.closes {
                        closes.here = id(value);
                    }
                }
                "reported" => note.reported = true,
                _ => {}
            }
        }
        note
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![HEADER.to_owned(), format!("branch {}", self.branch)];
        let mut line = |key: &str, value: Option<String>| lines.extend(value.map(|value| format!("{key} {value}")));
        line("tip", self.tip.map(|id| id.to_string()));
        line("from", self.from.map(|id| id.to_string()));
        line("commit", self.commit.map(|(commit, at)| format!("{commit} {}", at.rfc3339())));
        line("remote", self.remote.clone());
        for path in &self.paths {
            line("path", Some(path.clone()));
        }
        if let Some(closes) = &self.closes {
            line("closes", Some(format!("{} {}", closes.commit, closes.branch.full_name)));
            line("deletes", closes.here.map(|id| id.to_string()));
        }
        lines.extend(self.follow.then(|| "follow".to_owned()));
        lines.extend(self.whole.then(|| "whole".to_owned()));
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn id(digit: &str) -> Oid {
        Oid::from_str(&digit.repeat(40)).unwrap()
    }

    fn note() -> Note {
        Note {
            branch: "refs/heads/main".into(),
            tip: Some(id("1")),
            from: Some(id("1")),
            commit: Some((id("2"), Timestamp::parse("2026-01-02T03:04:05.678Z").unwrap())),
            remote: None,
            follow: true,
            paths: vec!["a b/models/iris/model.toml".into(), "a b/registry.toml".into()],
            whole: false,
            closes: None,
            reported: false,
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let on_unborn = Note { tip: None, from: None, follow: false, paths: Vec::new(), ..note() };
        let pushed = Note { remote: Some("the hub".into()), whole: true, ..note() };
        let branch = Branch { full_name: "refs/heads/requests/my+model/Production/2".into(), checked_out: false };
        let elsewhere = Closes { branch, commit: id("3"), here: None };
        let here = Closes { here: Some(id("4")), ..elsewhere.clone() };
        let landing = |closes| Note { closes: Some(closes), ..note() };
        for note in [note(), on_unborn, pushed, landing(elsewhere), landing(here)] {
            assert_eq!(Note::parse(&note.text()), note);
            assert_eq!(Note::parse(&format!("{}reported\n", note.text())), Note { reported: true, ..note });
        }
    }

    #[test]
    fn a_note_of_another_format_leaves_no_work() {
        assert_eq!(Note::parse("modelreg.pending 9\nbranch refs/heads/main\npath x\n"), Note::default());
        assert_eq!(Note::parse(""), Note::default());
    }
}
