#!/usr/bin/env bash
# Installs what is needed, builds, and runs every test: unit tests, the real binary on the real sandbox, then the unit tests of what
# reads from outside and of what holds secrets once more under AddressSanitizer and UndefinedBehaviorSanitizer.
#   ./test.sh           all of it
#   ./test.sh --quick   without the sanitizer build
#   ./test.sh --long    every unit test under those sanitizers (some thirty minutes more)
#   ./test.sh --threads    only the parts that several threads or tasks share, under ThreadSanitizer
#   ./test.sh --contract   only the contract tests: Microsoft's own clients and OpenAPI files against the sandbox (root, npm packages)
set -euo pipefail
cd "$(dirname "$0")"
begun=$SECONDS

run_tests() {  # PRESET [ctest options]: says how many passed, or shows what the failing ones printed
  local log=build-$1-test.log
  echo "Testing ($1) ..."
  # Tests of the whole program mostly wait: twice as many as there are processors.
  if ! ctest --preset "$1" "${@:2}" --parallel "$((2 * $(nproc)))" --timeout 900 --output-on-failure >"$log" 2>&1; then
    grep -v ' Passed ' "$log" | grep -vE '^ +Start +[0-9]+:' | tail -n 400 >&2
    exit 1
  fi
  grep 'tests passed' "$log"
}

if [[ ${1:-} == --contract ]]; then
  ./install.sh build test contract
  ./build.sh release -DPORTALKEY_TESTS=ON
  python3 tests/contract/run.py
  exit
fi

if [[ ${1:-} == --threads ]]; then
  ./install.sh build test
  ./build.sh tsan -- {base,entra,http,jobs,service,service_audit,service_mirror,web}_test
  TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" run_tests tsan --label-regex unit --tests-regex '^(base|entra|http|jobs|service|service_audit|service_mirror|web)\.'
  exit
fi

./install.sh build test
./build.sh release -DPORTALKEY_TESTS=ON
run_tests release
case ${1:-} in
  --quick) ;;
  --long) ./build.sh asan; run_tests asan --label-regex unit ;;
  *) ./build.sh asan -- {base,entra,http,jobs,otp,seeds,service,service_audit,service_callers,web}_test pskc_judge; run_tests asan --label-regex unit ;;
esac
echo "All tests passed in $(((SECONDS - begun) / 60)) min $(((SECONDS - begun) % 60)) s. The program is build/portalkey"
