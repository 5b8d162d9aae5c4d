//! The dashboard: a registry as web pages, live with `modelreg serve` or static with `modelreg export`.
//!
//! A page is a pure function of one commit, the open requests and the address. So a response never mixes two commits,
//! and served and exported pages are the same. Every page works without a script.

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
mod recent;
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
