#!/bin/sh
# Looks at every page in a browser: headless Chromium, in light and dark, narrow and wide, with and without script; and
# changes the registry from its pages.
#   run.sh MODELREG NODE_MODULES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modelreg=$(realpath "$1") modules=$(realpath "$2")
work=$(mktemp -d)
servers=
trap 'for server in $servers; do kill "$server"; done; rm -rf "$work"' EXIT
sh "$here/registry.sh" "$modelreg" "$work/registry"
export MODELREG_NOW=2022-06-03T09:00:00Z

# Starts a server whose address is then in the named file.
serve() {
    file=$1
    shift
    "$modelreg" -C "$work/registry" serve --listen 0 "$@" >"$work/$file" &
    servers="$servers $!"
    for _ in $(seq 100); do
        test -s "$work/$file" && break
        sleep 0.1
    done
}

"$modelreg" -C "$work/registry" export "$work/site" >/dev/null
serve address
# A module finds its dependencies beside itself only.
cp "$here"/*.mjs "$work/"
ln -s "$modules" "$work/node_modules"
address=$(grep -o 'http://[^ ]*' "$work/address")
node "$work/pages.mjs" "${address%/}" "$modelreg" "$work/registry" "$work/site" "${SCREENSHOTS:-}"
export GIT_AUTHOR_NAME=Rosa GIT_AUTHOR_EMAIL=rosa@example.com
serve door --write
node "$work/changes.mjs" "$(grep -o 'http://[^ ]*#[^ ]*' "$work/door")" "$work/registry" "${SCREENSHOTS:-}"
