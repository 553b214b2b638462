#!/usr/bin/env bash
# The demonstration itself, on a built tree.
set -euo pipefail
cd "$(dirname "$0")/../.."
portalkey=$PWD/build/portalkey
seeds=tests/data/seeds/demo/contoso-tokens.csv
folder=$(mktemp -d)
sandbox=
finish() {
  [[ -n $sandbox ]] && kill "$sandbox" 2>/dev/null && wait "$sandbox" 2>/dev/null
  rm -rf "$folder"
}
trap finish EXIT

title() { printf '\n== %s\n' "$1"; }
run() {  # shows the command as a person would type it, then runs it
  printf '$ portalkey --sandbox DIR %s\n' "$*"
  "$portalkey" --sandbox "$folder" "$@"
}

title "A sandbox: Entra, Key Vault and the portal's backend API in one process, on this machine only"
printf '$ portalkey sandbox run --dir DIR --auto-approve\n'
coproc SANDBOX { exec "$portalkey" sandbox run --dir "$folder" --auto-approve 2>"$folder/sandbox.log"; }
sandbox=$SANDBOX_PID
read -r ready <&"${SANDBOX[0]}" || { cat "$folder/sandbox.log" >&2; exit 1; }
printf 'ready: %s ...\n' "${ready:0:60}"

title "The service account signs in once (--auto-approve plays the person at the browser); its refresh token goes to Key Vault"
run login --device-code 2>&1

title "Every run redeems the refresh token and stores its successor"
run session refresh
run session status

title "Any call of the portal's backend API"
run skus

title "A vendor's seed file, checked row by row: 150 good tokens and the bad rows people meet"
run tokens validate "$seeds" || true

title "From the seed file to activated tokens (only the rows that need a person are shown)"
printf '$ portalkey --sandbox DIR tokens import %s\n' "$seeds"
"$portalkey" --sandbox "$folder" tokens import "$seeds" >"$folder/report" 2>"$folder/progress" || code=$?
sed 's/^/  /' "$folder/progress"
cat "$folder/report"
[[ ${code:-0} == 3 ]] || { echo "the import ended with ${code:-0}, expected 3 (partly done)" >&2; exit 1; }

title "Running it again changes nothing"
{ "$portalkey" --sandbox "$folder" tokens import "$seeds" 2>/dev/null || true; } | tail -n 1

title "What the tenant holds now"
run tokens list | { head -n 4; echo ...; tail -n 1; }
active=$("$portalkey" --sandbox "$folder" tokens list --state active | tail -n 1)

cat <<END

== What happened
A service account signed in once and its refresh token was stored in a (sandboxed) Key Vault. Each command after that redeemed it, stored
its successor and called the portal's API: nobody had to sign in again. Of the seed file's 159 rows, those that cannot work were refused
with their line, the reason and what to do; one was refused by the tenant (that user has left); all the others are active: $active.
No code was typed from a device: portalkey computes each from the seed, for the server's clock.

Next: README.md shows the same against a real tenant; docs/sandbox.md what the sandbox can do.
END
