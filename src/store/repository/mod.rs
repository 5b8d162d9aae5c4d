//! The repository of a registry: finding it, its settings, hooks and health, and creating a new one.

pub(super) mod create;
pub(super) mod health;
pub(super) mod hooks;
pub(super) mod settings;
pub(super) mod stopped;
pub(super) mod store;
