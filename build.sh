#!/usr/bin/env bash
# Builds one CMake preset (default: release). After the release build the program is build/portalkey.
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:-release}
shift || true
echo "Building ($preset) ..."
cmake --preset "$preset" "$@" >build-"$preset".log 2>&1 || { cat build-"$preset".log >&2; exit 1; }
cmake --build --preset "$preset" --parallel >>build-"$preset".log 2>&1 || { grep -A20 -m3 -E 'error|FAILED' build-"$preset".log >&2 || tail -n 40 build-"$preset".log >&2; exit 1; }
