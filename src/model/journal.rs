//! The replay of a stage's journal: the version in the stage, and the versions before it.
//!
//! The versions that a rollback can return to form a stack. `promote` pushes a version. `rollback` pops the current
//! version and truncates the stack to the version that the entry names; if that version is not on the stack, it is
//! pushed. `withdraw` of the current version clears the stack. So the prior version, the default of a rollback, is
//! never a version that was rolled back.

use super::stage::{Action, Move};

/// The state of a stage after a part of its journal.
///
/// ```
/// use modelreg::model::Stage;
/// use modelreg::model::snapshot::read_text;
///
/// let mut text = "format = 1\nstage = 'Production'\n".to_owned();
/// let moves = [("promote", 8), ("promote", 9), ("promote", 10), ("rollback", 9)];
/// for (action, version) in moves {
///     let move_ = format!("at = 2026-01-02T03:04:05Z\nby = 'ada@example.com'\naction = '{action}'\nversion = {version}\n");
///     text.push_str(&format!("[[history]]\n{move_}"));
/// }
/// let stage: Stage = read_text(&text, "production.toml")?;
/// assert_eq!(stage.replay().current(), Some(9));
/// assert_eq!(stage.replay().prior(), Some(8));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    stack: Vec<u64>,
}

/// Why a journal entry cannot follow the entries before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// `from` is not the version in the stage.
    #[error("`from` is {}, but the journal gives {}", shown(*.said), shown(*.was))]
    From {
        /// The value of `from`.
        said: Option<u64>,
        /// The version in the stage by the journal.
        was: Option<u64>,
    },
    /// The version is already in the stage.
    #[error("version {0} is already in the stage")]
    Already(u64),
    /// A rollback to a version that was never in the stage.
    #[error("version {0} was never in the stage")]
    NeverThere(u64),
    /// A rollback of a stage that is empty.
    #[error("the stage is empty, so there is no move to roll back")]
    Empty,
}

fn shown(version: Option<u64>) -> String {
    version.map_or("nothing".into(), |v| format!("version {v}"))
}

impl Replay {
    /// The state after a whole journal.
    pub fn of(history: &[Move]) -> Self {
        let mut replay = Self::default();
        for entry in history {
            replay.apply(entry);
        }
        replay
    }

    /// The version in the stage.
    pub fn current(&self) -> Option<u64> {
        self.stack.last().copied()
    }

    /// The prior version: the version to which a rollback returns by default.
    pub fn prior(&self) -> Option<u64> {
        let current = self.current()?;
        self.stack.iter().rev().copied().find(|&v| v != current)
    }

    /// The versions below the current one on the stack, nearest first.
    pub fn earlier(&self) -> impl Iterator<Item = u64> + '_ {
        self.stack.iter().rev().skip(1).copied()
    }

    /// Applies one entry, whether or not it is legal.
    pub fn apply(&mut self, entry: &Move) {
        match entry.action {
            Action::Promote => self.stack.push(entry.version),
            Action::Rollback => {
                self.stack.pop();
                match self.stack.iter().rposition(|&v| v == entry.version) {
                    Some(at) => self.stack.truncate(at + 1),
                    None => self.stack.push(entry.version),
                }
            }
            Action::Withdraw if self.current() == Some(entry.version) => self.stack.clear(),
            // The version was in `beside`, so the pointer does not move.
            Action::Withdraw => {}
        }
    }

    /// Checks that the entry can come next. `held` returns whether a version has ever been in the stage.
    pub fn refuse(&self, entry: &Move, held: impl Fn(u64) -> bool) -> Result<(), Illegal> {
        let was = self.current();
        if entry.from != was {
            return Err(Illegal::From { said: entry.from, was });
        }
        match entry.action {
            Action::Promote if was == Some(entry.version) => Err(Illegal::Already(entry.version)),
            Action::Rollback if was.is_none() => Err(Illegal::Empty),
            Action::Rollback if was == Some(entry.version) => Err(Illegal::Already(entry.version)),
            Action::Rollback if !held(entry.version) => Err(Illegal::NeverThere(entry.version)),
            Action::Withdraw if !held(entry.version) => Err(Illegal::NeverThere(entry.version)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Timestamp, UserId};
    use proptest::prelude::*;

    fn entry(action: Action, version: u64, from: Option<u64>) -> Move {
        Move {
            at: Timestamp::parse("2022-02-10").unwrap(),
            by: UserId::new("ada@example.com").unwrap(),
            action,
            version,
            from,
            reason: None,
            emergency: false,
            request: None,
            beside: Vec::new(),
            signature: None,
            approvals: Vec::new(),
        }
    }

    fn replay(moves: &[(Action, u64)]) -> Replay {
        let mut replay = Replay::default();
        for &(action, version) in moves {
            replay.apply(&entry(action, version, replay.current()));
        }
        replay
    }

    use Action::{Promote, Rollback, Withdraw};

    #[test]
    fn after_a_rollback_the_next_goes_further_back_never_forward() {
        let state = replay(&[(Promote, 8), (Promote, 9), (Promote, 10), (Rollback, 9)]);
        assert_eq!((state.current(), state.prior()), (Some(9), Some(8)));
    }

    #[test]
    fn a_rollback_to_a_named_version_that_was_left_does_not_bring_back_what_it_left() {
        let state = replay(&[(Promote, 8), (Promote, 9), (Promote, 10), (Rollback, 9), (Rollback, 10)]);
        assert_eq!((state.current(), state.prior()), (Some(10), Some(8)));
    }

    #[test]
    fn a_version_promoted_twice_has_what_was_between_as_its_prior() {
        let state = replay(&[(Promote, 8), (Promote, 9), (Promote, 8)]);
        assert_eq!((state.current(), state.prior()), (Some(8), Some(9)));
    }

    #[test]
    fn a_withdrawal_empties_the_stage() {
        let state = replay(&[(Promote, 8), (Promote, 9), (Withdraw, 9)]);
        assert_eq!((state.current(), state.prior()), (None, None));
    }

    #[test]
    fn an_entry_that_does_not_follow_is_refused_and_one_that_does_is_not() {
        let state = replay(&[(Promote, 8), (Promote, 9)]);
        let held = |v| v == 8 || v == 9;
        assert_eq!(state.refuse(&entry(Promote, 9, Some(9)), held), Err(Illegal::Already(9)));
        assert_eq!(
            state.refuse(&entry(Promote, 10, Some(8)), held),
            Err(Illegal::From { said: Some(8), was: Some(9) })
        );
        assert_eq!(state.refuse(&entry(Rollback, 7, Some(9)), held), Err(Illegal::NeverThere(7)));
        assert_eq!(Replay::default().refuse(&entry(Rollback, 7, None), held), Err(Illegal::Empty));
        assert_eq!(state.refuse(&entry(Rollback, 8, Some(9)), held), Ok(()));
        assert_eq!(state.refuse(&entry(Promote, 10, Some(9)), held), Ok(()));
    }

    proptest! {
        #[test]
        fn rollbacks_without_a_name_end_and_never_repeat(versions in prop::collection::vec(1u64..6, 1..12)) {
            let mut state = Replay::default();
            for v in versions {
                if state.current() != Some(v) {
                    state.apply(&entry(Promote, v, state.current()));
                }
            }
            let mut steps = 0;
            while let Some(prior) = state.prior() {
                prop_assert_ne!(Some(prior), state.current());
                state.apply(&entry(Rollback, prior, state.current()));
                prop_assert_eq!(state.current(), Some(prior));
                steps += 1;
                prop_assert!(steps < 12);
            }
        }
    }
}
