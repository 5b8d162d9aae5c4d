//! Git and the file system.

pub mod index;

#[cfg(test)]
mod test_clone;
