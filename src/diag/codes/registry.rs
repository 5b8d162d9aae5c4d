//! Codes of the registry family.

use crate::diag::code::codes;

codes! {
    PLACEHOLDER_REGISTRY = Error "placeholder-registry", "x",
"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
}
