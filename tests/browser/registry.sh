#!/bin/sh
# Makes the registry that the browser looks at: the example, with a request, a rejected one and an emergency.
#   registry.sh MODELREG DIR
set -eu
modelreg=$1 dir=$2
# After the example's last day, so that the pages show the same times whenever they are looked at.
export MODELREG_NOW=2022-06-01T09:00:00Z
"$modelreg" init "$dir" --example >/dev/null
cd "$dir"
as() {
    GIT_AUTHOR_NAME=$1 GIT_AUTHOR_EMAIL=$1@example.com GIT_COMMITTER_NAME=$1 GIT_COMMITTER_EMAIL=$1@example.com
    export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
    shift
    "$@" >/dev/null
}
awk '
    /^policy_version/ { print "policy_version = 2"; next }
    { print }
    /^name = "Production"/ {
        getline
        print "review = \"recorded\"\napprovals = 2\napprovers = [\"ines@example.com\", \"rosa@example.com\"]\nemergency = true"
        print "[[stages.gates]]\nmetric = \"accuracy\"\nmin = 0.9\nnot_worse_than = \"Production\"\ntolerance = 0.05\ngoal = \"higher\""
    }' registry.toml >registry.new
mv registry.new registry.toml
as ines git commit -qam "Production wants two approvals"
as ines "$modelreg" describe IRIS_pred_model '# Iris classes

From **four lengths**, see [the data](https://example.com/iris).

| class | recall |
|---|---|
| setosa | 1.00 |

<script>document.title = "obeyed"</script>'
as noor "$modelreg" promote IRIS_pred_model 10 --to Production --reason "Holds on the hold-out set."
as ines "$modelreg" approve IRIS_pred_model/Production/10 --comment "Right on my own sample."
MODELREG_NOW=2022-06-01T16:20:00Z
as kai "$modelreg" rollback digits-reader --reason "Misses sevens." --emergency
as tomas "$modelreg" promote breast-cancer-screen 5 --to Production
as ines "$modelreg" reject breast-cancer-screen/Production/5 --reason "Not before June."
