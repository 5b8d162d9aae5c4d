#!/bin/sh
# Looks at every page in a browser: headless Chromium, in light and dark, narrow and wide, with and without script.
#   run.sh MODELREG NODE_MODULES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
modelreg=$(realpath "$1") modules=$(realpath "$2")
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$work"' EXIT
sh "$here/registry.sh" "$modelreg" "$work/registry"
export MODELREG_NOW=2022-06-03T09:00:00Z
"$modelreg" -C "$work/registry" export "$work/site" >/dev/null
"$modelreg" -C "$work/registry" serve --listen 0 >"$work/address" &
server=$!
for _ in $(seq 100); do
    test -s "$work/address" && break
    sleep 0.1
done
address=$(grep -o 'http://[^ ]*' "$work/address")
# A module finds its dependencies beside itself only.
cp "$here/pages.mjs" "$work/"
ln -s "$modules" "$work/node_modules"
node "$work/pages.mjs" "${address%/}" "$modelreg" "$work/registry" "$work/site" "${SCREENSHOTS:-}"
