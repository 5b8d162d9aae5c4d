//! Codes for the contents of a stage file: its pointer and its journal.

use crate::diag::code::codes;

codes! {
    UNKNOWN_STAGE_FILE = Error "unknown-stage-file", "a stage file does not belong to any stage of the registry",
"Each file in `stages/` is named after a stage in `registry.toml`, in lower case and with `+` for a space: `production.toml`. No policy guards a file with another name.

Declare the stage, correct the file's name, or remove the file.";

    STAGE_FILE_MISMATCH = Error "stage-file-mismatch", "the stage in a stage file differs from the file's name",
"`stages/production.toml` is the pointer of Production and contains `stage = \"Production\"`. A forge guards the file by its name and readers use the key, so the two must agree.

Correct `stage`, or the file's name.";

    POINTER_UNTRUE = Error "pointer-untrue", "the pointer of a stage does not follow from its journal",
"`version` must equal the result of replaying the journal: `promote` brings a version in, `rollback` goes back to an earlier one, `withdraw` empties the stage. A pointer that was moved without a journal entry has neither a reason nor an author.

Move the pointer with `modelreg promote`, `rollback` or `withdraw`, which write the pointer and the entry.";

    POINTER_TO_MISSING = Error "pointer-to-missing", "a stage points to a missing version",
"Programs load the version that is in a stage. If its manifest is missing, they fail.

Roll back to an existing version, or restore the manifest from git's history.";

    POINTER_TO_DELETED = Error "pointer-to-deleted", "a stage points to a deleted version",
"A deleted version, or a version of a deleted model, must not be used any more, and its artifact may be gone. It cannot be in a stage.

Restore the version, or move the stage to another version.";

    POINTER_TO_ARCHIVED = Error "pointer-to-archived", "a stage points to an archived version",
"`archived = true` takes a version out of use; a stage puts it into use. A version cannot be archived and in a stage.

Run `modelreg unarchive`, or move the stage to another version.";

    BAD_BESIDE = Error "bad-beside", "a version in beside cannot be there",
"`beside` lists other versions that stay in the stage next to the pointer, for example a canary. Each must be a live version that was promoted into this stage, must be listed once, and must not be the pointer itself.

Remove the number from `beside`.";

    JOURNAL_TIME_ORDER = Error "journal-time-order", "the times of a journal are not in order",
"A journal is append-only, so no entry is earlier than the entry before it. An earlier time means that an entry was inserted, moved or back-dated.

Put the new entry at the end. If a clock is behind, use the last entry's time plus a millisecond, as modelreg itself does.";

    JOURNAL_ILLEGAL = Error "journal-illegal", "a journal entry cannot follow the entries before it",
"Replaying the journal gives the version in the stage at each moment. Not possible are: an entry with a wrong `from`, a promotion of the version that is already in the stage, and a rollback to a version that was never in it.

Correct the new entry. Entries that are already merged are history, and stay.";

    JOURNAL_VERSION_MISSING = Error "journal-version-missing", "a journal entry names a version that does not exist",
"The journal says which versions were in the stage. Even a deleted version has a manifest, with a tombstone. A version without one was never registered in this model.

Correct the number, or restore the manifest.";

    JOURNAL_BEFORE_VERSION = Warning "journal-before-version", "a journal entry is older than the version it moves",
"A version can be promoted only after it was registered. An earlier time means that a clock was wrong, or that the entry was back-dated.

Check the two times.";

    APPROVAL_TIME = Warning "approval-time", "an approval is older than the entry it approves",
"An approval is given for an existing request, so it is later than the journal entry. An earlier time means that a clock was wrong, or that the approval was copied from another entry.

Check the two times.";

    EMERGENCY_UNAPPROVED = Warning "emergency-unapproved", "a landed emergency is not yet approved",
"An emergency rollback landed before it had the approvals that the stage's policy requires. An approver has to approve it afterwards. Until then the stage does not allow a second emergency.

`modelreg requests` lists the emergency; `modelreg approve MODEL/STAGE/VERSION` approves it.";
}
