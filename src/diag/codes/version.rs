//! Codes for the contents of a version's manifest.

use crate::diag::code::codes;

codes! {
    VERSION_MISMATCH = Error "version-mismatch", "the version in a manifest differs from its file name",
"`versions/10.toml` is the manifest of version 10 and contains `version = 10`. If the two differ, the file is usually a copy, and one version would have two numbers.

Make `version` equal to the number in the file name.";

    VERSION_GAP = Error "version-gap", "version numbers have a gap",
"Versions are numbered 1, 2, 3 and so on, and a number is never reused: deletion leaves a tombstone in the file. A gap means that a manifest was removed, and its facts are lost.

Restore the file from git's history, or give the new version the next free number.";

    FILES_UNSORTED = Error "files-unsorted", "the file manifest is not sorted by path",
"`artifact.digest` is computed from the files in the order of their paths, compared part by part as the OpenSSF model-signing library does. In another order the same artifact would have another digest.

Sort the `[[artifact.files]]` entries.";

    DUPLICATE_PATH = Error "duplicate-path", "the file manifest lists a path twice",
"A file of an artifact has one size and one digest. With two entries for `model.pkl`, the expected contents are unknown.

Remove one of the entries.";

    PATH_CONFLICT = Error "path-conflict", "a path of the file manifest is both a file and a folder",
"No file system can have both a file `weights` and a file `weights/1.bin`. An artifact with such a file manifest can never be pulled.

Correct one of the paths.";

    SIZE_MISMATCH = Error "size-mismatch", "the sizes of the files do not add up to the artifact's size",
"`artifact.size` is the sum of the sizes in `[[artifact.files]]`. If it is not, one of the numbers was edited or copied from another version.

Register the artifact again, or correct the wrong number.";

    DIGEST_MISMATCH = Error "digest-mismatch", "the artifact's digest does not match its files",
"`artifact.digest` is the file's own digest, or for a folder SHA-256 over the raw digests of its files in the order of the manifest. Any other value belongs to a different artifact.

Register the artifact again, or correct the wrong digest.";

    PARENT_MISSING = Warning "parent-missing", "the parent version is not in the registry",
"`lineage.parent = \"models:/iris/9\"` names a version of this registry. If that version does not exist, the lineage ends there.

Correct the address. For a parent in another registry, use the address of its artifact.";

    PARENT_NOT_EARLIER = Error "parent-not-earlier", "a version's parent is the version itself or a later one",
"The parent existed before the version was made, so within a model its number is lower. A lineage that leads forward or in a cycle cannot be true.

Correct `lineage.parent`.";

    COMMENTS_UNSORTED = Error "comments-unsorted", "the comments of a version are not in the order of their times",
"Comments are appended, so no comment is earlier than the comment before it. An earlier time means that a comment was inserted or its time was edited.

Put the new comment at the end, with the time at which it was written.";

    CLOSED_REQUESTS_UNSORTED = Error "closed-requests-unsorted", "the closed requests of a version are not in the order of their times",
"Closed requests are appended, so no entry is older than the entry before it. A lower time means that an entry was inserted, or that its time was edited.

Put the new entry at the end, with the time at which the request was closed.";

    VERSION_TIME_ORDER = Error "version-time-order", "a version was changed, commented on or deleted before it was created",
"`updated_at`, the times of comments and the time of deletion cannot be before `created_at`. Usually a clock was wrong, or a time zone is missing.

Correct the time.";
}
