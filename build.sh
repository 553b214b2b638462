#!/usr/bin/env bash
# Builds one CMake preset (default: release). After the release build the program is build/portalkey.
# Usage: ./build.sh [PRESET [CMAKE OPTION ...] [-- TARGET ...]]
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:-release}
shift || true
options=()
while (($#)) && [[ $1 != -- ]]; do options+=("$1"); shift; done
shift || true
targets=("$@")
echo "Building ($preset) ..."
cmake --preset "$preset" "${options[@]}" >build-"$preset".log 2>&1 || { cat build-"$preset".log >&2; exit 1; }
cmake --build --preset "$preset" --parallel ${targets[@]:+--target "${targets[@]}"} >>build-"$preset".log 2>&1 ||
  { grep -A20 -m3 -E 'error|FAILED' build-"$preset".log >&2 || tail -n 40 build-"$preset".log >&2; exit 1; }
