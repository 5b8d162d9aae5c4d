//! Codes of the version family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_VERSION = Error "placeholder-version", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
