//! Codes for what `model.toml` means.

use crate::diag::code::codes;

codes! {
    NAME_MISMATCH = Error "name-mismatch", "the name in model.toml is not its folder's",
"A model is found by its folder, and its own file says the same name. Where the two differ, an address such as `models:/iris/3` and the page it leads to would name different models.

Make `name` equal to the folder's name. To rename a model use `modelreg rename`, which keeps the old name resolvable.";

    ALIAS_TO_MISSING = Error "alias-to-missing", "an alias points to a version that is missing or deleted",
"An alias such as `champion = 9` is how programs ask for a version without knowing its number. If version 9 is not there or was deleted, all of them fail.

Point the alias to a version that is there, or remove it.";

    FORMER_NAME_CLASH = Error "former-name-clash", "a former name is the present one, or stands twice",
"`former_names` lists what the model was called before, so that old addresses still lead to it. The present name needs no entry, and a name needs only one.

Remove the entry.";

    FORMER_NAME_SHARED = Error "former-name-shared", "two models say that they had the same name",
"A former name leads to the model that had it. Where two models claim one, an old address leads to either of them, and a deployment that uses it may load \
another model from the one it meant. `modelreg rename` never makes this; two changes that were merged side by side can.

Remove the name from `former_names` of the model that never had it, or had it for the shorter time.";

    FORMER_NAME_TAKEN = Warning "former-name-taken", "a former name now belongs to another model",
"A former name resolves to the model that had it, unless a model has that name now: then the living one wins, and old addresses lead to a different model from the one they meant.

Remove the former name if nobody uses it any more, or rename the other model.";

    UPDATED_WITHOUT_BY = Error "updated-without-by", "updated_at and updated_by do not come together",
"The two say when and by whom the part that may change was last edited. One without the other leaves the edit without its time or without its author.

Add the missing one.";

    BAD_TIME_ORDER = Error "bad-time-order", "a model was changed or deleted before it was created",
"`updated_at` and the time of deletion cannot lie before `created_at`. As a rule a clock was wrong, or a time zone was left out.

Correct the time.";
}
