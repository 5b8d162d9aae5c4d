//! What a user does: each command's meaning, as reading, checking and committing. One operation, one file.

mod alias;
mod approve;
mod archive;
mod catalog;
mod ci;
mod codeowners;
mod comment;
mod commit;
mod compare;
mod delete;
mod describe;
mod doctor;
mod environment;
mod event;
mod find;
mod forge;
mod history;
mod home;
mod hook;
mod init;
mod land;
mod link;
mod list;
mod message;
mod pending;
mod post;
mod promote;
mod pull;
mod refusal;
mod register;
mod reject;
mod rename;
mod request;
mod resolve;
mod rollback;
mod search;
mod session;
mod show;
mod signatures;
mod tag;
mod transition;
mod validate;
mod verify;
mod watch;
mod whoami;
mod withdraw;

pub use alias::{AliasChange, alias};
pub use approve::{Approved, approve};
pub use archive::archive;
pub use catalog::{
    Catalog, CatalogModel, CatalogVersion, Happening, Review, Reviews, Tally, Totals, approvals_at, catalog,
    compare_at, is_unchanged, manifest_text, model_at, reviews,
};
pub use codeowners::{CodeOwners, Forge, WrittenOwners, codeowners};
pub use comment::comment;
pub use commit::Done;
pub use compare::{Compared, compare};
pub use delete::{delete, restore};
pub use describe::describe;
pub use doctor::{Check, Health, doctor};
pub use environment::Environment;
pub use event::{Event, EventKind};
pub use history::{History, Holding, history};
pub use hook::{HookWritten, Installed, InstalledHook, JudgedRef, install_hooks, pre_commit, pre_push, pre_receive};
pub use init::{Init, Started, init};
pub use land::{Landed, land};
pub use link::link;
pub use list::{InStage, Listed, list};
pub use pending::Pending;
pub use post::Poster;
pub use promote::{Preview, Promote, preview, promote};
pub use pull::pull;
pub use refusal::{Refusal, Told};
pub use register::{Facts, Register, Registered, code_commit, register};
pub use reject::{Rejected, reject};
pub use rename::rename;
pub use request::{MetricPair, Open, Request, Requested, State, in_words, metric_pairs, request, requests};
pub use resolve::{Resolved, resolve};
pub use rollback::{Rollback, rollback};
pub use search::{Found, search};
pub use session::{Reading, Session};
pub use show::{ModelView, StageMove, StageView, VersionLine, VersionView, View, show};
pub use tag::{TagChange, tag};
pub use transition::Moved;
pub use validate::{Scope, Validated, validate, validate_folder};
pub use verify::verify;
pub use watch::{Watcher, follow_remote, has_remote, newest, watch_files, watch_refs};
pub use whoami::{Key, MayApprove, WhoAmI, whoami};
pub use withdraw::{Withdraw, withdraw};

pub use crate::store::artifact::{ArtifactError, Mismatch, Progress, Pulled, Scanned, Verdict, file_uri, scan};
pub use crate::store::error::StoreError;
pub use crate::store::{Behind, FolderWatch, Oid, Receipt, RefWatch};

/// A model version, or a model, that a command names: `IRIS_pred_model@Production`.
pub use find::Target;
