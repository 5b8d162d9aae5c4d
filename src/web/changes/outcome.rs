//! What came of a change, as the page tells it.

use super::Notice;
use crate::ops::{Done, Moved};

/// What came of a change.
#[derive(Debug)]
pub(in crate::web) struct Outcome {
    /// The subject of its commit.
    subject: String,
    /// What else there is to say, a line each.
    lines: Vec<String>,
    /// What could not follow.
    warnings: Vec<String>,
}

impl Outcome {
    /// What is said of every commit. The user counts as told: the answer that says so comes next.
    pub(super) fn of<T>(done: Done<T>) -> (Self, T) {
        let short = &done.commit.to_string()[..10];
        let mut outcome = Self {
            subject: done.subject,
            lines: vec![format!("Commit {short} on {}.", done.branch)],
            warnings: Vec::new(),
        };
        if done.earlier {
            outcome.lines.push("It had been done before, and was not done twice.".into());
        }
        for left in &done.behind.left {
            outcome.warn(&left.to_string(), left.hint().as_deref());
        }
        if let Some((why, hint)) = &done.behind.failed {
            let text = format!("the commit is safe, but the checked-out files could not be brought up to date: {why}");
            outcome.warn(&text, Some(hint));
        }
        if let Err(error) = done.receipt.acknowledge() {
            outcome.warn(&error.to_string(), None);
        }
        (outcome, done.value)
    }

    /// What is said of a move, or of the request for one.
    pub(super) fn of_move(done: Done<Moved>) -> Self {
        let (mut outcome, moved) = Self::of(done);
        if let Some(request) = &moved.request {
            let people: Vec<String> = request.approvers.iter().map(ToString::to_string).collect();
            outcome.lines.push(match request.approvals_needed {
                0 if request.pushed_to.is_some() => "A request, which is reviewed on the forge.".into(),
                0 => format!("A request: push its branch {} and open a pull request.", request.branch),
                1 => format!("A request: it needs the approval of {}.", people.join(" or ")),
                n => format!("A request: it needs {n} approvals, by {}.", people.join(", ")),
            });
            let address = request.pull_request.as_ref().or(request.page.as_ref());
            outcome.lines.extend(address.map(|address| format!("Pull request: {address}")));
            if let Some(trouble) = &request.trouble {
                let hint = "open it yourself, and keep its address: `modelreg request link`";
                outcome.warn(&format!("the pull request: {trouble}"), Some(hint));
            }
        }
        if let Some(at) = moved.clock_behind {
            let text = format!("this machine's clock is behind the registry; the entry was given the time {at}");
            outcome.warn(&text, Some("check the clock: `date -u`"));
        }
        outcome
    }

    /// Says what is still to be pushed, where a remote has the request's branch.
    pub(super) fn and_push(self, command: Option<String>) -> Self {
        match command {
            Some(command) => self.and(format!("To push it, run this in the clone that the server changes: {command}")),
            None => self,
        }
    }

    pub(super) fn and(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    fn warn(&mut self, text: &str, hint: Option<&str>) {
        self.warnings.push(hint.map_or(format!("{text}."), |hint| format!("{text}; {hint}.")));
    }

    /// It above a page; `again` where the form was sent a second time.
    pub fn notice(&self, again: bool) -> Notice {
        let again =
            again.then(|| "It was done when the form was sent first, and is not done a second time.".to_owned());
        let class = if self.warnings.is_empty() { "good" } else { "warn" };
        Notice {
            class,
            title: self.subject.clone(),
            lines: [&self.lines[..], again.as_slice(), &self.warnings[..]].concat(),
        }
    }
}
