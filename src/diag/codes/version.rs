//! Codes for what the manifest of a version means.

use crate::diag::code::codes;

codes! {
    VERSION_MISMATCH = Error "version-mismatch", "a manifest's version is not the one of its file name",
"`versions/10.toml` is the manifest of version 10 and says so. Where the two differ, one of them is the result of a copy, and a version would have two numbers.

Make `version` equal to the file's name.";

    VERSION_GAP = Error "version-gap", "version numbers have a gap",
"Versions are numbered 1, 2, 3 and so on, and a number is never used again: deleting leaves a tombstone in the file. A gap means that a file was removed, and with it what the version was.

Restore the file from git's history, or number the new version with the next free number.";

    FILES_UNSORTED = Error "files-unsorted", "the file manifest is not sorted by path",
"`artifact.digest` is made from the files in the order of their paths, compared part by part as the OpenSSF model-signing library does. In another order the same artifact would have another digest.

Sort the `[[artifact.files]]` entries.";

    DUPLICATE_PATH = Error "duplicate-path", "the file manifest names a path twice",
"A file of an artifact has one size and one digest. With two entries for `model.pkl` nobody could tell what the artifact should hold.

Remove one of the entries.";

    PATH_CONFLICT = Error "path-conflict", "a path of the file manifest is a file and a folder at once",
"No file system holds both a file `weights` and a file `weights/1.bin`. An artifact with such a file manifest can never be pulled.

Correct one of the paths.";

    SIZE_MISMATCH = Error "size-mismatch", "the sizes of the files do not add up to the artifact's size",
"`artifact.size` is the sum of the sizes in `[[artifact.files]]`. Where it is not, one of the numbers was edited or copied from another version.

Register the artifact again, or correct the number that is wrong.";

    DIGEST_MISMATCH = Error "digest-mismatch", "the artifact's digest does not follow from its files",
"`artifact.digest` is the file's own digest, or for a folder SHA-256 over the raw digests of its files in the order of the manifest. Any other value vouches for a different artifact from the one that the manifest lists.

Register the artifact again, or correct the digest that is wrong.";

    PARENT_MISSING = Warning "parent-missing", "the version that this one was trained from is not in the registry",
"`lineage.parent = \"models:/iris/9\"` names a version of this registry. If there is no such version, the lineage ends there.

Correct the address. A parent in another registry is better named by the address of its artifact.";

    PARENT_NOT_EARLIER = Error "parent-not-earlier", "a version says that it was trained from itself or from a later one",
"The parent of a version existed when the version was made, so within a model its number is lower. A lineage that leads forward or in a circle cannot be true.

Correct `lineage.parent`.";

    COMMENTS_UNSORTED = Error "comments-unsorted", "the comments of a version are not in the order of their times",
"Comments are appended, so each is as old as the one before or younger. Where a time falls, a comment was inserted or its time was edited.

Put the new comment at the end, with the time at which it was made.";

    VERSION_TIME_ORDER = Error "version-time-order", "a version was changed, commented on or deleted before it was created",
"`updated_at`, the times of comments and the time of deletion cannot lie before `created_at`. As a rule a clock was wrong, or a time zone was left out.

Correct the time.";
}
