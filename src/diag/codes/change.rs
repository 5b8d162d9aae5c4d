//! Codes of the change family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_CHANGE = Error "placeholder-change", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
