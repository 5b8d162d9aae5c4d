//! Codes for what is wrong inside one file, whatever it holds.

use crate::diag::code::codes;

codes! {
    FILE_TOO_LARGE = Error "file-too-large", "a registry file is larger than 1 MiB",
"Registry files hold facts about models, never the models themselves, so they are small. A file above 1 MiB is a mistake or an attempt to \
make readers run out of memory; it is not opened.

Keep data and artifacts in the artifact store and write their address and digest into the manifest.";

    NOT_UTF8 = Error "not-utf8", "a registry file is not UTF-8 text",
"TOML files are UTF-8. Another encoding, or a binary file under a manifest's name, cannot be read.

Save the file as UTF-8, without a byte order mark.";

    BYTE_ORDER_MARK = Error "byte-order-mark", "a registry file begins with a byte order mark",
"A byte order mark (U+FEFF) at the start of a file is invisible, and makes two files that look the same differ. Some editors on Windows add it.

Save the file as UTF-8 without a byte order mark.";

    CRLF = Error "crlf", "a registry file has lines that end in CR LF",
"Line ends are part of a file's bytes, and so of its git object. With CR LF in some files and LF in others the same manifest has two object ids, and \
every line shows as changed when an editor converts them.

Save the file with LF line ends. In git, `* text=auto eol=lf` in `.gitattributes` keeps them so on Windows.";

    TOML_SYNTAX = Error "toml-syntax", "a file is not valid TOML",
"The file breaks TOML's grammar, so what it says is unknown. Duplicate keys and tables, nesting deeper than 80 levels, integers beyond 64 bits and dates that do not exist count as well.

The place shown is where reading failed; the cause is there or just before it. See https://toml.io for the grammar.";

    UNKNOWN_KEY = Error "unknown-key", "a key is not one that this file can have",
"Every key of a registry file is known to its schema. A key that is not is nearly always a slip, and a slip that is accepted silently is a fact that \
is lost: `acuracy = 0.9` would never be found by a gate on `accuracy`.

Correct the key, or put what is your own under `[tags]`, `[params]` or `[metrics]`, which take any key.";

    MISSING_KEY = Error "missing-key", "a key that this file must have is missing",
"Some keys are needed to say what the file is about: who made the version, when, and where its artifact lies. They have no default.

Add the key. The message names it; the file's schema describes it.";

    WRONG_TYPE = Error "wrong-type", "a value has the wrong TOML type",
"TOML tells numbers, text, dates, booleans, arrays and tables apart, and each key takes one of them: `version = \"10\"` is text, `version = 10` a number; \
`created_at = \"2022-02-10\"` is text, `created_at = 2022-02-10T19:50:00Z` a point in time.

Write the value as the message says, with or without quotes.";

    BAD_VALUE = Error "bad-value", "a value breaks the rules of its key",
"The value has the right type but not the right form: a digest with too few digits, a name with a slash, a number that is not finite, a time without an offset from UTC.

The message says which rule it breaks. `modelreg schema` prints the schemas that list them all.";

    UNSAFE_TEXT = Error "unsafe-text", "a text holds control or invisible characters",
"Terminals obey escape sequences, and pages and editors reorder text at bidirectional controls. Text from a registry is shown in all of them, so a \
description with `\\u001b[2J`, U+202E or a zero-width space could hide or forge what a reviewer sees.

Remove the character. Newlines and tabs are fine in descriptions, comments, reasons and tag values, and so are the joiners \
that Persian, the scripts of India and emoji need. In keys and in values of one line nothing may stand that is not seen, for two that look the same must be the same.";

    TOO_MANY_KEYS = Error "too-many-keys", "a table has more than 1,000 keys",
"A version has tens of params and metrics, sometimes hundreds. A table of thousands is a data set in the wrong place, and slows down everyone who reads the registry.

Keep the data beside the artifact and record its address and digest.";

    FORMAT_UNSUPPORTED = Error "format-unsupported", "a file is of a format that this program does not know",
"Each file says in `format` which version of the file format it follows. This program knows format 1. Its other findings in this file would be guesses, so there are none.

Use a newer modelreg, or correct the key if it is a slip.";
}
