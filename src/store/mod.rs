//! Git and the file system: reading commits, writing them, moving refs, and bringing checked-out files up to date.

pub mod artifact;
mod commit;
mod durability;
pub mod error;
mod fetch;
mod folder_tree;
mod git_tree;
mod health;
mod hooks;
pub mod index;
mod init;
mod lock;
mod log;
mod objects;
mod pending;
mod pushes;
mod remote;
mod repository;
mod requests;
mod settings;
mod sign;
mod signing_key;
mod sizes;
mod ssh;
mod staged;
mod trees;
mod verdicts;
mod watch;
pub mod webhook;
pub mod worktree;

#[cfg(test)]
mod test_clone;

pub use commit::{Advance, Draft, Person};
pub use error::StoreError;
pub use folder_tree::FolderTree;
pub use git_tree::GitTree;
pub use git2::Oid;
pub use hooks::{HookWritten, HooksFolder, write_hook};
pub use init::{code_commit, create_repository};
pub use lock::WriteLock;
pub use pending::{Behind, Note, Receipt};
pub use remote::{PushOptions, Pushed};
pub use repository::{Branch, Store};
pub use requests::{Found, Merge};
pub use settings::SettingsFiles;
pub use signing_key::{PublicKey, SigningKey};
pub use ssh::Verifier;
pub use verdicts::Verdicts;
pub use watch::{FolderWatch, RefWatch};
pub use worktree::{read_file, write_file};
