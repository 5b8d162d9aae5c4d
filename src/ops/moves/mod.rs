//! Moves of a stage's pointer: promotion, rollback and withdrawal.
//!
//! A move passes these steps: the user's arguments ([`StageMove`]), resolved against a snapshot ([`ResolvedMove`]),
//! then planned, checked and committed ([`commit_move`]). It is resolved again only after a lost race.

mod commit_move;
mod from_seen;
mod moved;
mod preview;
mod promote;
mod resolved;
mod rollback;
mod serving;
mod withdraw;

use commit_move::commit_move;
pub(super) use from_seen::last_move;
pub use moved::Moved;
pub use preview::{preview_promote, preview_rollback, preview_withdraw};
pub use promote::{Promote, promote};
pub(super) use resolved::{ResolvedMove, StageMove};
pub use rollback::{Rollback, rollback};
pub use serving::Serving;
pub use withdraw::{Withdraw, withdraw};
