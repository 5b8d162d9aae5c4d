#!/bin/sh
# Two independent programs accept every file of the example under the committed schemas, and refuse broken ones.
# Needs `taplo` and `check-jsonschema` on the PATH (tests/schemas/requirements.txt). Run from the project's root.
set -eu
root=$(pwd)
failed=0
accept() { # KIND FILE...
    kind=$1
    shift
    check-jsonschema --schemafile "schema/$kind.json" "$@" >/dev/null || { echo "check-jsonschema refuses a valid $kind file"; failed=1; }
    taplo check --schema "file://$root/schema/$kind.json" "$@" 2>/dev/null || { echo "taplo refuses a valid $kind file"; failed=1; }
}
refuse() { # KIND FILE...
    kind=$1
    shift
    for file in "$@"; do
        if check-jsonschema --schemafile "schema/$kind.json" "$file" >/dev/null 2>&1; then
            echo "check-jsonschema accepts $file"
            failed=1
        fi
        if taplo check --schema "file://$root/schema/$kind.json" "$file" >/dev/null 2>&1; then
            echo "taplo accepts $file"
            failed=1
        fi
    done
}
accept registry example-registry/registry.toml
accept model example-registry/models/*/model.toml
accept version example-registry/models/*/versions/*.toml
accept stage example-registry/models/*/stages/*.toml
for kind in registry model version stage; do
    refuse "$kind" tests/schemas/broken/"$kind"-*.toml
done
[ "$failed" = 0 ] && echo "schemas: $(find example-registry -name '*.toml' | wc -l) files accepted, $(ls tests/schemas/broken | wc -l) refused, by both programs"
exit "$failed"
