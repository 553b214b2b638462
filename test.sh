#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test: unit tests, the real binary on the real sandbox, then the unit tests once more
# under AddressSanitizer and UndefinedBehaviorSanitizer, and the formatting and install checks.
#   ./test.sh           all of it
#   ./test.sh --quick   without the sanitizer build
set -euo pipefail
cd "$(dirname "$0")"
begun=$SECONDS
./install.sh build test
./build.sh release -DPORTALKEY_TESTS=ON
echo "Testing ..."
ctest --preset release --parallel "$(nproc)" --timeout 600 --output-on-failure --quiet
if [[ ${1:-} != --quick ]]; then
  ./build.sh asan
  echo "Testing under ASan and UBSan ..."
  ctest --preset asan --label-regex unit --parallel "$(nproc)" --timeout 600 --output-on-failure --quiet
fi
echo "All tests passed in $(((SECONDS - begun) / 60)) min $(((SECONDS - begun) % 60)) s. The program is build/portalkey"
