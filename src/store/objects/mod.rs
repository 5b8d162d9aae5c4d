//! Git's objects: reading the trees and files of a commit, of the index and of a folder on disk, and writing new objects.

pub(super) mod folder_tree;
pub(super) mod git_tree;
pub(super) mod loose;
pub(super) mod pack_sizes;
pub(super) mod staged;
pub(super) mod tree_diff;
pub(super) mod trees;
