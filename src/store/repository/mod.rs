//! The repository that holds a registry: finding it, its settings, its hooks, its health, and making a new one.

pub(super) mod create;
pub(super) mod health;
pub(super) mod hooks;
pub(super) mod settings;
pub(super) mod store;
