#!/usr/bin/env bash
# Runs a command where the production names of every cloud lead to this machine and nothing leads anywhere else: a network namespace with
# nothing but loopback, an /etc/hosts of its own, and the address of the managed identity endpoint.
#   namespace.sh NODE_USR COMMAND [ARG ...]     NODE_USR: what node.sh printed
# Needs root.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
export CONTRACT_HOSTS=$folder/hosts CONTRACT_NODE_USR=$1
shift
exec unshare --net --mount -- bash -euc '
  ip link set lo up
  ip address add 169.254.169.254/32 dev lo
  mount --bind "$CONTRACT_HOSTS" /etc/hosts
  if [[ -n $CONTRACT_NODE_USR ]]; then mount -t overlay overlay -o "lowerdir=$CONTRACT_NODE_USR:/usr" /usr; fi
  mkdir -p /var/opt
  mount -t tmpfs -o mode=0755 tmpfs /var/opt  # where Azure Arc has its keys
  mkdir -p /var/opt/azcmagent/tokens
  exec "$@"' namespace "$@"
