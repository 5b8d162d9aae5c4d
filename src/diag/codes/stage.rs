//! Codes for what a stage's pointer and its journal mean.

use crate::diag::code::codes;

codes! {
    UNKNOWN_STAGE_FILE = Error "unknown-stage-file", "a stage file is of no stage that the registry has",
"Each file in `stages/` is named after a stage in `registry.toml`, in lower case and with `+` for a space: `production.toml`. A file of another name is guarded by no policy.

Declare the stage, correct the file's name, or remove the file.";

    STAGE_FILE_MISMATCH = Error "stage-file-mismatch", "a stage file is about another stage than its name says",
"`stages/production.toml` is the pointer of Production, and says `stage = \"Production\"`. A forge guards the file by its name and readers go by the key, so the two must agree.

Correct `stage`, or the file's name.";

    POINTER_UNTRUE = Error "pointer-untrue", "the pointer of a stage is not what its journal gives",
"`version` equals what replaying the journal gives: `promote` brings a version in, `rollback` goes back to one, `withdraw` empties the stage. A pointer that was moved without an entry has neither a reason nor an author.

Move the pointer with `modelreg promote`, `rollback` or `withdraw`, which write both.";

    POINTER_TO_MISSING = Error "pointer-to-missing", "a stage points to a version that is not there",
"What is in a stage is what programs load. A pointer to a version without a manifest leaves them with nothing.

Roll back to a version that is there, or restore the manifest from git's history.";

    POINTER_TO_DELETED = Error "pointer-to-deleted", "a stage points to a deleted version",
"A version with a tombstone, or of a model with one, is not to be used any more, and its artifact may be gone. It cannot be in a stage.

Restore the version, or move the stage to another one.";

    POINTER_TO_ARCHIVED = Error "pointer-to-archived", "a stage points to an archived version",
"`archived = true` puts a version out of sight; being in a stage puts it into use. It cannot be both.

Run `modelreg unarchive`, or move the stage to another version.";

    BAD_BESIDE = Error "bad-beside", "a version kept beside the pointer has no business there",
"`beside` lists other versions kept in the stage, as for a canary. Each must be a live version that was promoted into this stage, stand there once, and not be the pointer itself.

Remove the number from `beside`.";

    JOURNAL_TIME_ORDER = Error "journal-time-order", "the times of a journal fall",
"A journal is append-only, so each entry is as late as the one before or later. A time that falls means that an entry was inserted, moved or back-dated.

Put the new entry at the end. Where a clock is behind, take the last entry's time plus a millisecond, as modelreg itself does.";

    JOURNAL_ILLEGAL = Error "journal-illegal", "a journal entry cannot follow the ones before it",
"Replaying the journal gives what is in the stage at each moment. An entry whose `from` says something else, a promotion of the version that is there already, or a rollback to one that never was \
cannot have happened as it is written.

Correct the new entry. Entries that were merged before are history, and stay.";

    JOURNAL_VERSION_MISSING = Error "journal-version-missing", "a journal entry names a version that does not exist",
"The journal says which versions were in the stage. A version that has no manifest, not even one with a tombstone, was never registered in this model.

Correct the number, or restore the manifest.";

    JOURNAL_BEFORE_VERSION = Warning "journal-before-version", "a journal entry is older than the version it moves",
"A version can be promoted only after it was registered. An earlier time points to a wrong clock, or to an entry that was back-dated.

Check the two times.";

    APPROVAL_TIME = Warning "approval-time", "an approval is older than what it approves",
"An approval names a move that was asked for, so it comes later than the entry. An earlier time points to a wrong clock, or to an approval copied from another entry.

Check the two times.";

    EMERGENCY_UNAPPROVED = Warning "emergency-unapproved", "an emergency awaits its approval",
"A rollback landed as an emergency, before the approval that the stage's policy wants. Somebody whom the policy names has to look at it afterwards, and until then the stage takes no \
second emergency.

`modelreg requests` lists it; `modelreg approve MODEL/STAGE/VERSION` gives the approval.";
}
