//! The dashboard: a registry as pages, live from `modelreg serve` and as files from `modelreg export`.
//!
//! A page is a pure function of one commit, the open requests and the address. So an answer never mixes two commits, and
//! what is served and what is exported is the same. Every page can be read without a script.

mod assets;
mod changes;
mod charts;
mod connections;
mod escape;
mod export;
mod filters;
mod format;
mod guard;
mod latency;
mod live;
mod markdown;
mod metrics;
mod pages;
mod probes;
mod query;
mod route;
mod serve;
mod several;
mod site;
mod sites;
mod summary;

pub use changes::{Changes, Key};
pub use export::{Exported, export};
pub use guard::Hosts;
pub use serve::{app, serve};
pub use site::Site;
pub use sites::Sites;
