//! What a registry is: names, manifests, stages, the journal, and a snapshot of them all. No I/O, no git, no clock.

pub mod digest;
pub mod file;
pub mod filter;
pub mod journal;
pub mod layout;
pub mod name;
pub mod registered_model;
pub mod registry;
pub mod scalar;
pub mod schema;
pub mod snapshot;
pub mod stage;
pub mod text;
pub mod time;
pub mod tree;
pub mod uri;
pub mod version;
pub mod write;

pub use digest::{CommitId, Digest};
pub use file::{FileKind, Format, MAX_FILE};
pub use filter::{Filter, FilterError, OrderBy};
pub use journal::{Illegal, Replay};
pub use name::{AliasName, BranchName, ModelName, STAGE_ARCHIVED, STAGE_NONE, StageName, TeamName};
pub use registered_model::{Comment, RegisteredModel, Tombstone};
pub use registry::{Gate, Goal, KeyPath, Layout, Registry, Review, StagePolicy};
pub use scalar::{Number, Scalar};
pub use snapshot::{ModelSnapshot, Snapshot, Unreadable};
pub use stage::{Action, Approval, Move, Stage};
pub use text::{Checked, Invalid, Key, Line, Text, UserId};
pub use time::Timestamp;
pub use tree::{Content, Entry, EntryKind, ObjectId, Overlay, Tree};
pub use uri::{ArtifactPath, ArtifactUri, Link, ModelUri, RepositoryUrl, Selector};
pub use version::{Artifact, ArtifactFile, Code, Dataset, Field, Lineage, Manifest, Signature};
