//! The review in practice: a bare repository with two clones, real keys and real merges.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/team.rs"]
mod team;

mod attacks;
mod between_clones;
mod emergency;
mod forges;
mod from;
mod gates;
mod landing;
mod obeyed;
mod on_call;
mod people;
mod pushing;
mod races;
mod reads;
mod sync;
mod sync_refusals;
mod transcript;
mod two_clones;
mod unanswered;

use team::{ID, POINTER, Team};
