#!/usr/bin/env bash
# Prints a folder to lay over /usr so that `node` is Debian 12's own, or nothing if it is already. A newer node on a build machine hides
# what does not run on Debian's. Fetches Debian's packages into .cache/contract, once; nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $(/usr/bin/node --version 2>/dev/null) == v18.* ]] && exit 0

folder=$PWD/.cache/contract/node
if [[ ! -x $folder/usr/bin/node ]]; then
  mkdir -p "$folder"
  cd "$folder"
  version() { apt-cache madison "$1" | awk '$3 ~ /^18\./ { print $3; exit }'; }
  [[ -n $(version nodejs) ]] || apt-get update -q >/dev/null
  apt-get -o APT::Sandbox::User=root download -q "nodejs=$(version nodejs)" "libnode108=$(version libnode108)" libuv1 libc-ares2 \
    node-acorn node-cjs-module-lexer node-undici node-busboy >/dev/null
  for package in *.deb; do dpkg-deb -x "$package" .; done
  rm -- *.deb
fi
echo "$folder/usr"
