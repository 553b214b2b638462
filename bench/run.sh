#!/bin/bash
# Measures portalkey beside its yardsticks and writes docs/benchmarks.md from what it measured.
# run.sh [--with-az] [--only-imports|--only-files] [--rounds N] [PROGRAM]    (PROGRAM: build/portalkey)
# Without --only-…, all of the page is written anew; with it, only the sections of that name.
# Needs bash, curl, jq, python3, pskctool, nodejs and npm (./install.sh test contract). --with-az also measures Azure CLI, and installs Debian's azure-cli (1 GB) if it is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$here/../build/portalkey rounds=15 az=() only=
while (($#)); do
  case $1 in
    --with-az) az=(--az) ;;
    --only-imports | --only-files) only=${1#--only-} ;;
    --rounds) rounds=$2; shift ;;
    *) program=$1 ;;
  esac
  shift
done
[[ -x $program ]] || { echo "no program at $program: cmake --preset release && cmake --build --preset release" >&2; exit 2; }
if ((${#az[@]})) && ! command -v az >/dev/null; then apt-get install -y azure-cli >&2; fi
imports() {
  cat <<'END'
## Imports

`bench/measure_import.py`: 10,000 tokens that are in the tenant already are activated through the portal API, against a sandbox without
a limit on activations whose every answer takes 50 ms more; 64 requests in flight are the most. Sandbox and program share the machine.
With `--with-az` also what people run today, per token: `bench/import_loop_az.sh` (25 tokens: it takes most of a second for each) and
`bench/import_loop_node.mjs`. The journal: `bench/import_journal.cc`, a real journal on disk and a tenant in the same process that answers at once.

END
  cmake --build "$here/../build/release" --target import_journal >&2
  python3 "$here/measure_import.py" "$(realpath "$program")" "$here/../build/release/bench/import_journal" "$1"
  if ((${#az[@]})); then  # root
    "$here/../tests/contract/namespace.sh" "" python3 "$here/measure_import_loops.py" "$(realpath "$program")" "$1"
  fi
}
seed_files() {
  python3 "$here/make_big_csv.py" "$1/ascending.csv"
  python3 "$here/make_big_csv.py" --shuffled "$1/shuffled.csv"
  python3 "$here/make_big_csv.py" "$1/tenfold.csv" 10000000
  python3 "$here/make_big_pskc.py" "$1/big.pskc"
}
replace_sections() {  # FILE: its sections, in docs/benchmarks.md
  python3 - "$here/../docs/benchmarks.md" "$1" <<'END'
import re, sys
page, new = open(sys.argv[1]).read(), open(sys.argv[2]).read()
for section in re.findall(r"^## .*?(?=^## |\Z)", new, flags=re.S | re.M):
    title = section.split("\n", 1)[0]
    old = re.search(re.escape(title) + r"\n.*?(?=^## |\Z)", page, flags=re.S | re.M)
    page = page[:old.start()] + section.rstrip("\n") + "\n\n" + page[old.end():] if old else page.rstrip("\n") + "\n\n" + section
open(sys.argv[1], "w").write(page.rstrip("\n") + "\n")
END
}
if [[ -n $only ]]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  if [[ $only == imports ]]; then
    HOME=$scratch imports "$scratch" >"$scratch/sections.md"
  else
    (cd "$here" && npm ci --no-fund --no-audit --loglevel=error >&2)
    seed_files "$scratch"
    python3 "$here/measure.py" "$program" "$scratch" --rounds "$rounds" --only-files >"$scratch/sections.md"
  fi
  replace_sections "$scratch/sections.md"
  exec cat "$here/../docs/benchmarks.md"
fi

(cd "$here" && npm ci --no-fund --no-audit --loglevel=error >&2)

scratch=$(mktemp -d)
mkdir "$scratch/azure"
"$program" sandbox run --dir "$scratch/sandbox" --auto-approve >"$scratch/sandbox.out" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true; rm -rf "$scratch"' EXIT
for ((i = 0; i < 100; ++i)); do [[ -s $scratch/sandbox.out ]] && break; sleep 0.1; done
"$program" --sandbox "$scratch/sandbox" login --device-code >&2
seed_files "$scratch"
python3 "$here/measure.py" "$program" "$scratch" --rounds "$rounds" "${az[@]}" >"$scratch/benchmarks.md"
if ((${#az[@]})); then
  cat >>"$scratch/benchmarks.md" <<'END'

## The same work with az

Debian's `az`, signed in beforehand, against the same sandbox under production names (root; a network namespace): `bench/unattended_az.sh` for
an unattended run; `bench/az_facts.sh` for what `setup plan` and `doctor` look at. The folder `tests/contract/debian_az` mends what Debian's
package of `az` lacks.

END
  "$here/../tests/contract/namespace.sh" "" python3 "$here/measure_azure.py" "$(realpath "$program")" "$scratch/azure" 5 >>"$scratch/benchmarks.md"
fi
{ echo; HOME=$scratch imports "$scratch"; } >>"$scratch/benchmarks.md"
cp "$scratch/benchmarks.md" "$here/../docs/benchmarks.md"
cat "$here/../docs/benchmarks.md"
