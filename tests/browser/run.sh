#!/bin/sh
# Looks at every page in a browser: headless Chromium, in light and dark, narrow and wide, with and without script; and
# changes the registry from its pages.
#   run.sh MODELREG NODE_MODULES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modelreg=$(realpath "$1") modules=$(realpath "$2")
work=$(mktemp -d)
servers=
trap 'for server in $servers; do kill "$server"; done; wait; rm -rf "$work"' EXIT

# Serves registries, and says where.
serve() {
    name=$1
    shift
    "$modelreg" serve --listen 0 "$@" >"$work/$name" &
    servers="$servers $!"
    for _ in $(seq 100); do
        test -s "$work/$name" && break
        sleep 0.1
    done
    address=$(grep -o 'http://[^ ]*' "$work/$name")
    address=${address%/}
}

sh "$here/registry.sh" "$modelreg" "$work/registry"
export MODELREG_NOW=2022-06-03T09:00:00Z

"$modelreg" -C "$work/registry" export "$work/site" >/dev/null
"$modelreg" init "$work/speech" --name "Speech & Vision" >/dev/null
serve one "$work/registry"
one=$address
serve several "$work/registry" "$work/speech"
# A module finds its dependencies beside itself only.
cp "$here"/*.mjs "$work/"
ln -s "$modules" "$work/node_modules"
node "$work/pages.mjs" "$one" "$address" "$modelreg" "$work/registry" "$work/speech" "$work/site" "${SCREENSHOTS:-}"
export GIT_AUTHOR_NAME=Rosa GIT_AUTHOR_EMAIL=rosa@example.com
serve door --write "$work/registry"
node "$work/changes.mjs" "$(grep -o 'http://[^ ]*#[^ ]*' "$work/door")" "$modelreg" "$work/registry" "${SCREENSHOTS:-}"
