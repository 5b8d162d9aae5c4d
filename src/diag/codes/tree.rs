//! Codes for the names and kinds of files and folders, before any file is read.

use crate::diag::code::codes;

codes! {
    NOT_A_PLAIN_FILE = Error "not-a-plain-file", "a registry path is not a plain file or folder",
"Where the registry expects a file there must be a plain file, and where it expects a folder a folder. A symbolic link can point anywhere on the machine that checks it out, a submodule \
brings in another repository, and a TOML file has no use for an executable bit.

Replace the entry: `git rm` it and add a plain file. For an executable bit, `git update-index --chmod=-x PATH` is enough.";

    DISGUISED_FILE = Error "disguised-file", "a name that looks like that of a registry file",
"`Registry.toml`, `MODELS` or `registry.toml.` is another name for git, but the same file on Windows and macOS, where the last one that is checked out replaces the other. \
A name with letters of another script looks the same to reviewers.

Remove the entry, or give it a name that cannot be taken for a registry file.";

    STRAY_FILE = Error "stray-file", "a file under models/ is not part of a registry",
"A model's folder contains only `model.toml`, `versions/N.toml` and `stages/NAME.toml`. modelreg never reads a file with another name, such as `versions/010.toml` or `notes.txt`. \
Its contents would be committed and reviewed, and have no effect.

Move the file out of `models/`, or rename it to one of these names.";

    GIT_ATTRIBUTES = Error "git-attributes", "git attributes would convert registry files at checkout",
"A `.gitattributes` line with `filter`, `ident`, `working-tree-encoding`, `eol=crlf`, or `text` without `eol=lf` makes git write bytes into the working tree that differ from the commit. \
(`text` does so only for users whose git is configured for it.) The file that is read and the file that is reviewed would differ. A filter also runs a program.

Remove the attribute, or narrow its pattern so that it matches no registry file. `* text=auto eol=lf`, `-text`, `binary`, `diff=`, `merge=` and `linguist-*` are allowed.";

    GIT_MODULES = Error "git-modules", "a registry contains a .gitmodules file",
"A registry has no submodules. A `.gitmodules` file names addresses that git may contact when the repository is cloned. Attackers have used such files to run code more than once.

Remove the file with `git rm .gitmodules`.";

    DISGUISED_GIT = Error "disguised-git", "some file systems take a name for .git",
"On Windows and macOS, names such as `.GIT`, `git~1`, `.git.` or `.git` with an invisible character open the folder `.git`. A commit with such an entry can plant hooks or settings on \
the machine of every user who checks it out.

Remove the entry. It has no legitimate use.";

    DUPLICATE_ENTRY = Error "duplicate-entry", "a folder contains the same name twice",
"A hand-made git tree can contain one name twice. Programs then disagree about which entry counts, so the reviewed file may not be the file that is read.

Write the tree again with git itself: check out, `git rm` the name, add the right file, commit.";

    PATH_TOO_LONG = Error "path-too-long", "a path is longer than 200 bytes",
"Windows refuses long paths by default, and the folder of the checkout is added in front. With a path of more than 200 bytes, some users could not check out the repository.

Choose a shorter name for the model or the stage.";

    BAD_MODEL_NAME = Error "bad-model-name", "a folder under models/ does not have a valid model name",
"A model's name is also the name of a folder, a part of a branch name and a part of an address. A name has 1 to 100 of the characters `A-Z a-z 0-9 . _ -` and single spaces inside. It begins with a letter or digit, \
does not end in a dot, a space or `.lock`, does not contain `..`, and is not the name of a Windows device. So `CON`, `nul.v2` and `../x` are refused.

Rename the folder, and change `name` in its `model.toml` to match.";

    NAME_CASE_CLASH = Error "name-case-clash", "the names of two models differ only in case",
"Windows and macOS keep `Iris` and `iris` in one folder, so a checkout there would mix the two models. People would confuse them too.

Rename one of them.";

    WRONG_SHARD = Error "wrong-shard", "a model is not in the folder that its name requires",
"With `layout = \"sharded\"` a model is in a folder named after the first two characters of the model's name in lower case: `models/ir/IRIS_pred_model`. A model elsewhere is not found by its name.

Move the folder to the path in the message.";

    REGISTRY_MISSING = Error "registry-missing", "registry.toml is missing",
"`registry.toml` makes a folder a registry: it declares the stages and the policy. Without it no stage exists, and nothing can be promoted.

Run `modelreg init`, or restore the file from the commit that removed it.";

    MODEL_FILE_MISSING = Error "model-file-missing", "a model has no model.toml",
"`model.toml` contains the data that all versions share: the name, the owners, the aliases. A folder under `models/` without this file is not a model, and its versions are not found.

Add the file, or remove the folder if it was created by mistake.";
}
