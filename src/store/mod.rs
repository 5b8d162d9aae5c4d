//! Git and the file system: reading and writing commits, moving refs, and updating checked-out files.
//!
//! | room           | what is in it                                                                    |
//! |----------------|----------------------------------------------------------------------------------|
//! | `repository`   | finding a registry's repository, its settings, hooks and health, making a new one |
//! | `objects`      | reading trees and files: of a commit, of the index, of a folder; writing objects  |
//! | `commits`      | writing and merging commits, one writer at a time, the note of one under way, history |
//! | `refs`         | branches and moving them, those of review requests, the refs that a push changes  |
//! | `remote`       | fetching and pushing                                                              |
//! | `programs`     | running `git`, `ssh-keygen` and `gh`                                              |
//! | `index`        | git's index, changed entry by entry                                               |
//! | `worktree`     | the checked-out files                                                             |
//! | `signatures`   | signatures of commits and approvals                                               |
//! | `artifact`     | the files that a version points to                                                |
//! | `watch`        | noticing that files or branches have changed                                      |
//! | `platform`     | what differs between operating systems: files without links, flushing, processes  |
//!
//! Each room adds methods to [`Store`], which is in `repository`.

pub mod artifact;
mod commits;
mod durability;
pub mod error;
#[cfg(fuzzing)]
pub mod index;
#[cfg(not(fuzzing))]
mod index;
mod objects;
pub(crate) mod platform;
mod programs;
mod refs;
mod remote;
mod repository;
mod signatures;
pub mod trace;
mod watch;
pub mod worktree;

#[cfg(test)]
#[path = "../../tests/common/memory.rs"]
mod memory;
#[cfg(test)]
mod test_clone;

pub use commits::follow::Behind;
pub use commits::merge::Merge;
pub use commits::note::{Closes, Note};
pub use commits::own::OwnCommit;
pub use commits::pending::{Receipt, Written};
pub use commits::write::{Draft, NOTHING_ELSEWHERE, Person};
pub use commits::write_lock::WriteLock;
pub use error::StoreError;
pub use git2::Oid;
pub use objects::folder_tree::FolderTree;
pub use objects::git_tree::GitTree;
pub use refs::branch::{Advance, Branch};
pub use refs::request_branches::RequestBranch;
pub use remote::push::{PushOptions, Pushed};
pub use repository::create::{code_commit, create_repository};
pub use repository::hooks::{HookWritten, write_hook};
pub use repository::settings::SettingsFiles;
pub use repository::stopped::Stopped;
pub use repository::store::Store;
pub use signatures::key::{PublicKey, SigningKey};
pub use signatures::ssh::Verifier;
pub use signatures::verdicts::Verdicts;
pub use watch::{FolderWatch, RefWatch};
pub use worktree::{read_file, write_file};
