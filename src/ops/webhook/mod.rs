//! Posting events to a webhook: the queue with its attempts (`poster`), and one delivery by HTTP (`delivery`).

mod delivery;
mod poster;

pub use poster::Poster;
