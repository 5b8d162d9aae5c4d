//! The review of moves.
//!
//! | file           | content                                                                     |
//! |----------------|-----------------------------------------------------------------------------|
//! | `request`      | a request and its state: open on a branch, or landed as an emergency        |
//! | `reader`       | reading a request from a branch: entry, approvals, the rules' findings      |
//! | `list`         | all requests, those of one model, or one by its id                          |
//! | `ask`          | making a request                                                            |
//! | `approve`, `reject`, `land` | deciding one                                                   |
//! | `closing`      | what landing and rejecting have in common: the request's branch goes        |
//! | `pull_request`, `link` | the pull request on a forge, and its address in the journal         |

mod approve;
mod ask;
mod closing;
mod land;
mod link;
mod list;
pub(super) mod metrics;
mod pull_request;
mod reader;
mod reject;
mod request;
mod requested;

pub(super) use approve::refuse_approver;
pub use approve::{Approved, approve};
pub(super) use ask::ask;
pub(super) use closing::delete_closed;
pub use land::{Landed, land};
pub use link::link;
pub use list::{RequestSummary, Requests, request, requests};
pub(super) use list::{Scope, open, request_summaries};
pub use metrics::{MetricPair, metric_pairs};
pub(super) use reader::{Reader, with_reader};
pub use reject::{Rejected, reject};
pub use request::{OpenRequest, Request, Standing, State};
pub use requested::Requested;
