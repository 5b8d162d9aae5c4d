//! Codes of the stage family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_STAGE = Error "placeholder-stage", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
