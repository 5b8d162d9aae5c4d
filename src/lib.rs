//! A model registry that is a git repository.
//!
//! The layers, each of which uses only those above it (a test enforces it):
//!
//! | layer   | what it is                                                                       | does I/O |
//! |---------|----------------------------------------------------------------------------------|----------|
//! | [`model`] | what a registry is: names, manifests, stages, the journal, a snapshot of them  | no       |
//! | [`diag`]  | findings with places, one table of codes, and their renderings                 | no       |
//! | [`check`] | the rules: a tree gives findings, and so does a change from one to another     | no       |
//! | `store`   | git and the file system: snapshots, commits, refs, working tree, artifacts     | yes      |
//! | [`ops`]   | what a user does: register, promote, roll back, ask ...                        | yes      |
//! | [`web`]   | how a user looks: the dashboard, live and as files. One page, one file         | yes      |
//! | [`cli`]   | how a user asks: one command, one file                                         | yes      |
//!
//! `store` is private: [`ops`] names what of it a caller needs.
//!
//! More is in the repository: `README.md` for users, `docs/architecture.md` with the way of each command through the files and
//! with recipes for changes, `docs/format.md` on every file and key, `docs/review.md` on requests, approvals and the signed
//! statement, `docs/threats.md` on what the tests defend against, and `CONTRIBUTING.md` for those who change the code.

pub mod check;
pub mod cli;
pub mod diag;
pub mod model;
pub mod ops;
mod store;
pub mod web;

/// What the fuzzer calls: the reader of git's index, on any bytes.
#[cfg(fuzzing)]
pub use store::index::any_bytes;
