//! The operations of the commands: reading, checking and committing. One operation, one file.

mod alias;
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
mod history;
mod hook;
mod init;
mod list;
mod model_diff;
mod moves;
mod preview;
mod publish;
mod pull;
mod refusal;
mod register;
mod registry_branch;
mod rename;
mod request_branches;
mod resolve;
mod review;
mod search;
mod session;
mod show;
mod signatures;
mod sync;
mod tag;
mod validate;
mod verify;
mod watch;
mod webhook;
mod whoami;

pub use alias::{AliasChange, alias};
pub use archive::archive;
pub use catalog::{
    Catalog, CatalogEvent, CatalogModel, CatalogRequest, CatalogRequests, CatalogVersion, Counts, Matches, Totals,
    approvals_at, catalog, catalog_requests, compare_at, manifest_text, model_at,
};
pub use codeowners::{CodeOwners, Forge, WrittenOwners, codeowners};
pub use comment::comment;
pub use commit::{Acting, Done, Precondition, Reach, Summary, Warning, acting};
pub use compare::{Compared, compare};
pub use delete::{delete, restore};
pub use describe::describe;
pub use doctor::{Check, Health, doctor};
pub use environment::Environment;
pub use event::{Event, EventKind};
pub use history::{History, StageVersion, history};
pub use hook::{HookWritten, Installed, InstalledHook, JudgedRef, install_hooks, pre_commit, pre_push, pre_receive};
pub use init::{Init, Started, init};
pub use list::{Answer, InStage, Listed, list};
pub use moves::{
    Moved, Promote, Rollback, Serving, Withdraw, preview_promote, preview_rollback, preview_withdraw, promote,
    rollback, withdraw,
};
pub use preview::Preview;
pub use pull::pull;
pub use refusal::{ErrorReport, Refusal};
pub use register::{Facts, Register, Registered, code_commit, preview_register, register};
pub use rename::rename;
pub use resolve::{Resolved, resolve};
pub use review::{
    Approved, Landed, MetricPair, OpenRequest, Rejected, Request, RequestSummary, Requested, Requests, Standing, State,
    approve, land, link, metric_pairs, reject, request, requests,
};
pub use search::{SearchResult, search};
pub use session::{Reading, Session};
pub use show::{ModelView, StageMove, StageView, VersionLine, VersionView, View, show};
pub use sync::{Synced, sync};
pub use tag::{TagChange, tag};
pub use validate::{Scope, Validated, validate, validate_folder};
pub use verify::verify;
pub use watch::{Watcher, follow_remote, has_remote, newest, watch_files, watch_refs};
pub use webhook::Poster;
pub use whoami::{Key, MayApprove, WhoAmI, whoami};

pub use crate::store::artifact::{ArtifactError, Mismatch, Progress, Pulled, Scanned, Verdict, file_uri, scan};
pub use crate::store::error::StoreError;
pub(crate) use crate::store::platform::server as platform;
pub use crate::store::{Behind, FolderTree, FolderWatch, Oid, Receipt, RefWatch};

/// A model, or a model version, as a user names it: `IRIS_pred_model@Production`.
pub use find::Target;
