//! Codes for errors inside one file, independent of the kind of file.

use crate::diag::code::codes;

codes! {
    FILE_TOO_LARGE = Error "file-too-large", "a registry file is larger than 1 MiB",
"Registry files contain facts about models, never the models themselves, so they are small. A file above 1 MiB is a mistake, or an attempt to exhaust the memory of its readers. modelreg does not open it.

Keep data and artifacts in the artifact store, and write their address and digest into the manifest.";

    NOT_UTF8 = Error "not-utf8", "a registry file is not UTF-8 text",
"TOML files are UTF-8. A file in another encoding, or a binary file with a manifest's name, cannot be read.

Save the file as UTF-8, without a byte order mark.";

    BYTE_ORDER_MARK = Error "byte-order-mark", "a registry file begins with a byte order mark",
"A byte order mark (U+FEFF) at the start of a file is invisible, so two files that look the same can differ. Some editors on Windows add it.

Save the file as UTF-8 without a byte order mark.";

    CRLF = Error "crlf", "a registry file has lines that end in CR LF",
"Line ends are part of a file's bytes, and so of its git object. With CR LF in one copy and LF in another, the same manifest has two object ids, and \
a diff shows every line as changed when an editor converts them.

Save the file with LF line ends. In git, `* text=auto eol=lf` in `.gitattributes` keeps LF on Windows too.";

    TOML_SYNTAX = Error "toml-syntax", "a file is not valid TOML",
"The file breaks TOML's grammar, so its contents are unknown. This code also covers duplicate keys and tables, nesting deeper than 80 levels, integers beyond 64 bits and dates that do not exist.

The place shown is where the parser stopped; the cause is there or just before it. See https://toml.io for the grammar.";

    CONFLICT_MARKERS = Error "conflict-markers", "a file has git's conflict markers",
"Git could not join two versions of the file, and wrote both into it, between lines of `<<<<<<<`, `=======` and `>>>>>>>`.

`modelreg sync` gives up the stopped merge or rebase and joins both sides by what the files mean: a version gets the next number, a move is made again, an edit changes its own keys. If the markers were committed, restore the file from a commit before them.";

    UNKNOWN_KEY = Error "unknown-key", "a file has a key that its schema does not define",
"The schema of each registry file defines all its keys. An unknown key is nearly always a typo, and a typo that is silently accepted loses a fact: a gate on `accuracy` would never find `acuracy = 0.9`.

Correct the key, or put your own data under `[tags]`, `[params]` or `[metrics]`, which accept any key.";

    MISSING_KEY = Error "missing-key", "a required key is missing",
"Some keys are required to identify the contents of the file: who made the version, when, and where its artifact is. They have no default.

Add the key. The message names it; the file's schema describes it.";

    WRONG_TYPE = Error "wrong-type", "a value has the wrong TOML type",
"TOML distinguishes strings, numbers, dates, booleans, arrays and tables, and each key accepts one of these types: `version = \"10\"` is a string, `version = 10` an integer; \
`created_at = \"2022-02-10\"` is a string, `created_at = 2022-02-10T19:50:00Z` a point in time.

Write the value as the message says, with or without quotes.";

    BAD_VALUE = Error "bad-value", "a value is not valid for its key",
"The value has the right type but not the right form: a digest with too few digits, a name with a slash, a number that is not finite, a time without an offset from UTC.

The message names the rule. `modelreg schema` prints the schemas, which list all rules.";

    UNSAFE_TEXT = Error "unsafe-text", "a string contains control or invisible characters",
"Terminals obey escape sequences, and pages and editors reorder text at bidirectional controls. All of them show text from a registry, so a \
description with `\\u001b[2J`, U+202E or a zero-width space could hide or forge part of what a reviewer sees.

Remove the character. Descriptions, comments, reasons and tag values may contain newlines, tabs, and the joiners that Persian, the scripts of India and emoji need. \
Keys and one-line values must not contain any invisible character: two values that look the same must be the same.";

    TOO_MANY_KEYS = Error "too-many-keys", "a table has more than 1,000 keys",
"A version has tens of params and metrics, sometimes hundreds. A table with thousands of keys is a data set in the wrong place, and slows down everyone who reads the registry.

Keep the data beside the artifact, and record its address and digest.";

    FORMAT_UNSUPPORTED = Error "format-unsupported", "this program does not support the format of a file",
"The key `format` of each file is the version of the file format. This program supports format 1. Any other finding in a file with a newer format would be a guess, so none is reported.

Use a newer modelreg, or correct the key if it is a typo.";
}
