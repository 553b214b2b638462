#!/usr/bin/env bash
# Installs what is needed, builds, and shows the main job on the sandbox: from a vendor's seed file to activated tokens.
# Nothing here touches Azure.
set -euo pipefail
cd "$(dirname "$0")"
./install.sh build
./build.sh release -DPORTALKEY_TESTS=OFF
exec docs/demo/run.sh
