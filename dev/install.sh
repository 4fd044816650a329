#!/bin/sh
# Installs the packages when package.json or the lock changed since the last time. Needs sh and npm only.
# npm start and npm test run it first; whoever comes second waits for the first.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.installed
lock=.cache/install.lock
log=.cache/install.log

wanted() {
  cat package.json package-lock.json 2>/dev/null | cksum
}

is_installed() {
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ]
}

fail() {
  echo "$1" >&2
  exit 1
}

# Its holder is gone, or died before it could write its process id a minute ago.
is_stale() {
  if holder=$(cat "$lock/pid" 2>/dev/null); then
    ! kill -0 "$holder" 2>/dev/null
  else
    [ -n "$(find "$lock" -prune -mmin +1 2>/dev/null)" ]
  fi
}

# Only one at a time may take a stale lock away, and looks once more before it does.
break_stale_lock() {
  mkdir "$lock.break" 2>/dev/null || return 0
  if is_stale; then rm -rf "$lock"; fi
  rmdir "$lock.break"
}

take_lock() {
  seconds=0
  until mkdir "$lock" 2>/dev/null; do
    if is_stale; then break_stale_lock; fi
    [ "$seconds" -ne 0 ] || echo "Waiting for another installation of the packages"
    [ "$seconds" -lt 900 ] || fail "Another installation holds $PWD/$lock for too long. Remove that folder and try again."
    sleep 1
    seconds=$((seconds + 1))
  done
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  echo $$ >"$lock/pid"
}

is_installed && exit 0
command -v npm >/dev/null || fail "npm is missing. Install Node.js 20 or newer, which brings it."
mkdir -p .cache
take_lock
is_installed && exit 0
echo "Installing packages (about a minute the first time)"
rm -f "$stamp"
if ! npm install --no-audit --no-fund >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "The packages could not be installed. The whole output is in $PWD/$log."
fi
wanted >"$stamp"
