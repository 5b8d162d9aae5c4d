//! Codes of the model family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_MODEL = Error "placeholder-model", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
