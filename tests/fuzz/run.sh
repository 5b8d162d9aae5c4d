#!/bin/sh
# Fuzzes the reader of git's index, for 60 seconds or as many as are given: sh tests/fuzz/run.sh [SECONDS]
#
# These are the flags that cargo-fuzz gives without a sanitizer. The stable compiler takes all of them.
set -eu
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
export RUSTFLAGS CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0
cargo build --locked --target "$host"
mkdir -p corpus artifacts
exec "${CARGO_TARGET_DIR:-target}/$host/debug/index" -max_total_time="${1:-60}" -max_len=4096 -artifact_prefix=artifacts/ corpus
