//! The program as a process: each command accepted and refused, in every kind of clone, and with hostile settings.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

#[path = "../common/mod.rs"]
mod common;

mod again;
mod behind_links;
mod ci;
mod clones;
mod codeowners;
mod damage;
mod doors;
mod hooks;
mod hostile;
mod log;
mod output;
mod pushes;
mod refusals;
mod retries;
mod signing;
mod stages;
mod unreadable;
mod users_work;
mod values;
mod watch;
mod writes;
mod writes_json;
