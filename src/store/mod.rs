//! Git and the file system.

pub mod index;
pub mod worktree;

#[cfg(test)]
mod test_clone;
