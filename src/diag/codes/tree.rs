//! Codes of the tree family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_TREE = Error "placeholder-tree", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
