//! Codes for what stands where in a registry, before any file is read.

use crate::diag::code::codes;

codes! {
    NOT_A_PLAIN_FILE = Error "not-a-plain-file", "a registry path holds something other than a plain file or folder",
"A symbolic link can point anywhere on the machine that checks it out, a submodule brings in another repository, and an executable bit has no use on a TOML file. \
Where the registry keeps a file there must be a plain file, and where it keeps a folder a folder.

Replace the entry: `git rm` it and add a plain file. For an executable bit, `git update-index --chmod=-x PATH` is enough.";

    STRAY_FILE = Error "stray-file", "a file under models/ has no place in a registry",
"Everything under `models/` is read by rule: a model's folder holds `model.toml`, `versions/N.toml` and `stages/NAME.toml`, and nothing else. A file such as \
`versions/010.toml` or `notes.txt` there would be kept and reviewed and never read, so what it says would be lost.

Move the file out of `models/`, or give it the name under which it is read.";

    GIT_ATTRIBUTES = Error "git-attributes", "git attributes would change registry files on their way to disk",
"A `.gitattributes` line with `filter`, `ident`, `working-tree-encoding`, `eol=crlf`, or `text` without `eol=lf` makes git write other bytes into the working tree than the commit holds, \
`text` at least for those whose git is set so. What one reads and what one reviews would then differ, and a filter runs a program.

Remove the attribute, or narrow its pattern so that it matches no registry file. `* text=auto eol=lf`, `-text`, `binary`, `diff=`, `merge=` and `linguist-*` are fine.";

    GIT_MODULES = Error "git-modules", "a .gitmodules file stands in a registry",
"A registry has no submodules. A `.gitmodules` file names addresses that git may contact when the repository is cloned, which has been a way into machines more than once.

Remove the file with `git rm .gitmodules`.";

    DISGUISED_GIT = Error "disguised-git", "a name is one that some file system takes for .git",
"On Windows and macOS names such as `.GIT`, `git~1`, `.git.` or `.git` with an invisible character in it open the folder `.git`. A commit that holds one can plant hooks or settings on \
the machine of whoever checks it out.

Remove the entry. It has no honest use.";

    DUPLICATE_ENTRY = Error "duplicate-entry", "a folder holds the same name twice",
"A git tree can be made by hand so that one name stands in it twice. Programs then disagree about which of the two counts, so what was reviewed need not be what is read.

Write the tree again with git itself: check out, `git rm` the name, add the right file, commit.";

    PATH_TOO_LONG = Error "path-too-long", "a path is longer than 200 bytes",
"Windows refuses long paths by default, and the folder in which a registry is checked out is added in front. A path of more than 200 bytes below `models/` would make the repository impossible to check out for some.

Choose a shorter name for the model or the stage.";

    BAD_MODEL_NAME = Error "bad-model-name", "a folder under models/ has a name that no model can have",
"A model's name is also a folder, a part of a branch and a part of an address. So it is 1 to 100 of `A-Z a-z 0-9 . _ -` and inner single spaces, begins with a letter or digit, does not end in a dot, space or \
`.lock`, holds no `..`, and is no Windows device: `CON`, `nul.v2` and `../x` are refused.

Rename the folder, and `name` in its `model.toml` with it.";

    NAME_CASE_CLASH = Error "name-case-clash", "two models have names that differ only in case",
"Windows and macOS keep `Iris` and `iris` in one folder, so a checkout there would mix the two models, and people would take one for the other.

Rename one of them.";

    WRONG_SHARD = Error "wrong-shard", "a model does not lie in the folder that its name gives",
"With `layout = \"sharded\"` a model lies in a folder of its name's first two characters in lower case: `models/ir/IRIS_pred_model`. A model elsewhere is not found by its name.

Move the folder to the path in the message.";

    REGISTRY_MISSING = Error "registry-missing", "there is no registry.toml",
"`registry.toml` makes a folder a registry: it names the stages and the policy. Without it no stage is known and nothing can be promoted.

Run `modelreg init`, or restore the file from the commit that removed it.";

    MODEL_FILE_MISSING = Error "model-file-missing", "a model has no model.toml",
"`model.toml` holds what stays the same from version to version: the name, the owners, the aliases. A folder under `models/` without it is no model, and its versions are not found.

Add the file, or remove the folder if it is a slip.";
}
