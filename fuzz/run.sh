#!/bin/bash
# Runs every fuzz target for SECONDS (60), two at a time, and fails if one crashes: run.sh [SECONDS [SEED]]
# With a SEED and no corpus of earlier runs, the same inputs are tried each time; without, other ones.
# What the targets find stays in build/fuzz/corpus and is begun with the next time; a crash is kept beside it.
set -euo pipefail
seconds=${1:-60} seed=${2:-0}
here=$(cd "$(dirname "$0")" && pwd)
build=${PORTALKEY_FUZZ_BUILD:-$here/../build/fuzz}
mkdir -p "$build/corpus/seed_file" "$build/crashes"
# A seed file's first byte chooses how the keys are read (80: with --time-interval) and its second one the format (00: whatever it
# looks like, 01 to 05: delimited text): each sample goes in with some choices.
while read -r -d '' file; do
  name=$(md5sum <"$file" | cut -c1-12)
  for choice in 0000 0100 0200 0300 0001 8000; do
    { printf '%b' "\\x${choice:0:2}\\x${choice:2}"; cat "$file"; } >"$build/corpus/seed_file/$name-$choice"
  done
done < <(find "$here/../tests/data/seeds" -type f -size -64k -print0)
# A single format's target gets its own samples; the first byte of seed_json and vendor_xml chooses among formats that share a reader.
samples() {  # TARGET FIRST-BYTE FILE...
  local target=$1 first=$2 file; shift 2
  mkdir -p "$build/corpus/$target"
  for file in "$@"; do { printf '%b' "$first"; cat "$here/../tests/data/seeds/$file"; } >"$build/corpus/$target/${file//\//-}"; done
}
samples otpauth '' otpauth/{migration-export,uri-list,uri-list-percent-encoded}.txt
samples seed_json '\x01' authenticator-exports/andotp.json
samples seed_json '\x02' authenticator-exports/aegis{,-encrypted}.json
samples vendor_xml '\x00' safenet/aladdin-four.xml
mapfile -t xml_files < <(cd "$here/../tests/data/seeds" && printf '%s\n' {pskc,safenet}/*.xml)
samples assignment_list '\x00' deepnet/assignment-list.csv
samples xml '' "${xml_files[@]}"
samples zip '' traps/workbook-named.csv

fuzz() {
  local target=$1 name; name=$(basename "$1" _fuzz)
  local seeds=(); [[ -d $here/corpus/$name ]] && seeds=("$here/corpus/$name")
  mkdir -p "$build/corpus/$name"
  if "$target" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$build/crashes/$name-" \
    "$build/corpus/$name" "${seeds[@]}" >"$build/$name.log" 2>&1; then
    echo "$name: $(tail -1 "$build/$name.log")"
  else
    echo "$name: FAILED, see $build/$name.log" && return 1
  fi
}
export -f fuzz; export seconds seed here build
export LSAN_OPTIONS=suppressions=$here/leaks.txt:print_suppressions=0
# shellcheck disable=SC2016
printf '%s\0' "$build"/fuzz/*_fuzz | xargs -0 -n 1 -P 2 bash -c 'fuzz "$0"'
