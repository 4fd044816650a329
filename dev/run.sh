#!/bin/sh
# Runs dev/<name>.ts, and installs packages before that if they are missing. --help needs no packages.
set -eu
cd "$(dirname "$0")/.."
name=$1
shift
for argument in "$@"; do
  case $argument in
    -h | --help) exec cat "dev/usage/$name.txt" ;;
  esac
done
sh dev/install.sh
exec node "dev/$name.ts" "$@"
