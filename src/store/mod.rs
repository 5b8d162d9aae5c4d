//! Git and the file system: the only layer that opens files.

pub mod artifact;
