#!/usr/bin/env bash
# Installs what docs/dependencies.md lists. Usage: ./install.sh build [test] [contract] [fuzz] [lint]
# Needs root or sudo, and asks nothing.
set -euo pipefail
cd "$(dirname "$0")"
wanted=$(IFS='|'; echo "$*")
mapfile -t packages < <(awk -F'|' -v wanted="^ ($wanted) \$" '$3 ~ wanted { gsub(/[` ]/, "", $2); print $2 }' docs/dependencies.md)
((${#packages[@]})) || { echo "usage: ./install.sh build [test] [contract] [fuzz] [lint]" >&2; exit 2; }

present=$(dpkg-query -W -f='${db:Status-Status}, ${Package}, ${Provides}\n' | sed -n 's/^installed//p' | sed 's/([^)]*)//g' | tr -s ', ' '\n')
missing=()
for package in "${packages[@]}"; do  # a package that provides it will do: some machines have a nodejs that brings npm
  grep -qxF -- "$package" <<<"$present" || missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "Installing from Debian: ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "error: run this as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update -q &&
       "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "error: the packages could not be installed; see above" >&2
  exit 1
fi
