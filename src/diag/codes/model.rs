//! Codes for the contents of `model.toml`.

use crate::diag::code::codes;

codes! {
    NAME_MISMATCH = Error "name-mismatch", "the name in model.toml differs from the name of its folder",
"A model is found by the name of its folder, and its `model.toml` repeats that name. If the two differ, an address such as `models:/iris/3` and the page it leads to would name different models.

Make `name` equal to the folder's name. To rename a model use `modelreg rename`, which keeps the old name working.";

    ALIAS_TO_MISSING = Error "alias-to-missing", "an alias points to a version that is missing or deleted",
"Programs use an alias such as `champion = 9` to ask for a version without knowing its number. If version 9 is missing or deleted, all these programs fail.

Point the alias to an existing version, or remove the alias.";

    ALIAS_IS_STAGE = Error "alias-is-stage", "an alias has the name of a stage",
"`models:/iris/Production` leads to the version in the stage Production. An alias of that name could not be reached by its name, and a person who reads it could take it for the stage.

Choose another alias, or promote the version to the stage.";

    ALIAS_CASE_CLASH = Warning "alias-case-clash", "two aliases differ only in case",
"`champion` and `Champion` are two aliases. A person who asks for one of them easily gets the other one.

Remove one of the two aliases.";

    FORMER_NAME_CLASH = Error "former-name-clash", "a former name equals the current name or is listed twice",
"`former_names` lists the earlier names of the model, so that old addresses still lead to it. The current name does not belong there, and each name needs only one entry.

Remove the entry.";

    FORMER_NAME_SHARED = Error "former-name-shared", "two models list the same former name",
"A former name leads to the model that had it. If two models list the same name, an old address is ambiguous, and a deployment that uses it may load \
the wrong model. `modelreg rename` never causes this; two branches that are merged can.

Remove the name from `former_names` of the model that never had it, or had it for the shorter time.";

    FORMER_NAME_TAKEN = Warning "former-name-taken", "a former name is now the name of another model",
"A former name leads to the renamed model only while no other model has that name. A model with the name wins, and old addresses now lead to that other model.

Remove the former name if nobody uses it any more, or rename the other model.";

    UPDATED_WITHOUT_BY = Error "updated-without-by", "only one of updated_at and updated_by is set",
"The two keys record when and by whom a description, a tag or another editable value was last changed. With only one of them, the time or the author of the edit is unknown.

Add the missing key.";

    BAD_TIME_ORDER = Error "bad-time-order", "a model was changed or deleted before it was created",
"`updated_at` and the time of deletion cannot be before `created_at`. Usually a clock was wrong, or a time zone is missing.

Correct the time.";
}
