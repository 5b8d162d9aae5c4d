#!/bin/sh
# The main job on the example: register, promote, roll back, with git showing the commits.
# Needs a Rust toolchain, a C compiler and git. Leaves the registry in the folder it names at the end.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cargo build --release --locked --quiet --manifest-path "$here/Cargo.toml"
modelreg=${CARGO_TARGET_DIR:-$here/target}/release/modelreg
registry=$(mktemp -d)/registry

# A machine without a git identity gets one for this run.
if ! git config user.email >/dev/null; then
    export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
fi
run() {
    printf '\n$ %s' "modelreg"
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_.=:/@-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\n'
    "$modelreg" -C "$registry" "$@"
}
git_() {
    printf '\n$ git %s\n' "$*"
    git -C "$registry" --no-pager "$@"
}

mkdir -p "$registry"
run init --example
run list
run show IRIS_pred_model
run register IRIS_pred_model --artifact "$here/tests/example/artifacts/IRIS_pred_model/9" \
    --uri s3://acme-models/IRIS_pred_model/11 --metric accuracy=0.973 --param seed=7 --description 'Trained again with another seed.'
run promote IRIS_pred_model 11 --to Production --reason 'A routine refresh.'
run rollback IRIS_pred_model --reason 'Version 11 confuses versicolor with virginica.'
run history IRIS_pred_model --moves
run verify IRIS_pred_model@9 --from "$here/tests/example/artifacts/IRIS_pred_model/9"
run validate
git_ log --oneline --stat -3
git_ show HEAD
git_ fsck --strict
git_ status --short
printf '\nThe registry is in %s\n' "$registry"
