#!/bin/sh
# Lets promtool judge what `modelreg serve` tells, and a real Prometheus scrape it: what that then knows is what the registries
# hold, also after a commit.
#   run.sh MODELREG
set -eu
modelreg=$(realpath "$1")
work=$(mktemp -d)
programs=
trap 'for program in $programs; do kill "$program"; done; wait; rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com

fail() {
    echo "✘ $*" >&2
    exit 1
}

# Waits until a file has what a pattern finds, and prints that.
wait_for() {
    for _ in $(seq 200); do
        found=$(grep -o "$2" "$1" | head -n 1) && test -n "$found" && break
        sleep 0.1
    done
    test -n "$found" || fail "there is no $2 in: $(cat "$1")"
    echo "$found"
}

get() {
    python3 -c 'import sys, urllib.request as http; print(http.urlopen(sys.argv[1], timeout=10).read().decode(), end="")' "$1"
}

# What Prometheus answers to a query must come to be this.
expect() {
    python3 - "$prometheus" "$1" "$2" <<'END' || exit 1
import json, sys, time, urllib.parse, urllib.request

address, query, wanted = sys.argv[1:]
url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
until = time.monotonic() + 30
while True:
    answer = json.load(urllib.request.urlopen(url, timeout=10))
    found = " ".join(sorted(sample["value"][1] for sample in answer["data"]["result"]))
    if found == wanted:
        break
    if time.monotonic() > until:
        sys.exit(f"✘ {query} is '{found}' and not '{wanted}'")
    time.sleep(0.1)
END
}

cd "$work"
"$modelreg" init acme --example >/dev/null
"$modelreg" init zoo --name 'Zoo "two"' >/dev/null
"$modelreg" serve acme zoo --listen 0 >serve.txt &
programs="$programs $!"
address=$(wait_for serve.txt 'http://[^ ]*')
get "$address" >/dev/null
get "${address}acme-models/models/IRIS_pred_model/" >/dev/null

get "${address}metrics" >metrics.txt
said=$(promtool check metrics <metrics.txt 2>&1) || fail "promtool: $said"
test -z "$said" || fail "promtool: $said"

target=${address#http://}
cat >prometheus.yml <<END
global: { scrape_interval: 1s }
scrape_configs: [{ job_name: modelreg, static_configs: [{ targets: ["${target%/}"] }] }]
END
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:0 2>prometheus.txt &
programs="$programs $!"
prometheus=$(wait_for prometheus.txt 'address=127.0.0.1:[1-9][0-9]*')
prometheus=${prometheus#address=}

expect 'up{job="modelreg"}' 1
expect 'modelreg_models' '0 7'
expect 'modelreg_stage_version{model="IRIS_pred_model",stage="Production"}' 9
expect 'modelreg_stage_version_info{model="IRIS_pred_model",stage="Production",version="9"}' 1
expect 'modelreg_transitions_total{registry="acme-models",stage="Production",action="rollback"}' 2
expect 'histogram_quantile(0.5, modelreg_http_request_duration_seconds_bucket{route="model"}) < bool 30' 1
expect 'sum(modelreg_readable)' 2
"$modelreg" -C acme rollback IRIS_pred_model --reason "Misses virginica." >/dev/null
expect 'modelreg_stage_version{model="IRIS_pred_model",stage="Production"}' 8
expect 'modelreg_stage_version_info{model="IRIS_pred_model",stage="Production",version="9"}' ''
expect 'modelreg_transitions_total{registry="acme-models",stage="Production",action="rollback"}' 3
"$modelreg" -C zoo register lion --artifact s3://models/lion/1 >/dev/null
expect 'modelreg_models{registry="Zoo \"two\""}' 1
expect 'up{job="modelreg"}' 1
echo "✔ Prometheus scrapes $(grep -c '^# TYPE' metrics.txt) metrics"
