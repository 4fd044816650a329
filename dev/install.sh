#!/bin/sh
# Installs the packages of package-lock.json when it changed since the last time. Needs sh and npm only.
# npm start, npm run demo, npm test, and npm run check run it first. Two at the same time wait for each other.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.installed
lock=.cache/install.lock
log=.cache/install.log

# Only the lock counts, which repeats the dependencies of package.json: a changed script needs no installation, and
# npm ci deletes node_modules under running processes.
checksum() {
  cksum <package-lock.json
}

is_installed() {
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(checksum)" ]
}

fail() {
  echo "$1" >&2
  exit 1
}

# The holder is gone, or died before it wrote its process id, a minute ago.
is_stale() {
  if holder=$(cat "$lock/pid" 2>/dev/null); then
    ! kill -0 "$holder" 2>/dev/null
  else
    [ -n "$(find "$lock" -prune -mmin +1 2>/dev/null)" ]
  fi
}

# Only one process at a time may remove a stale lock, after checking again.
break_stale_lock() {
  mkdir "$lock.break" 2>/dev/null || return 0
  if is_stale; then rm -rf "$lock"; fi
  rmdir "$lock.break"
}

take_lock() {
  seconds=0
  until mkdir "$lock" 2>/dev/null; do
    if is_stale; then break_stale_lock; fi
    [ $((seconds % 10)) -ne 0 ] || echo "Waiting for another installation of the packages"
    [ "$seconds" -lt 900 ] || fail "Another installation holds $PWD/$lock for too long. Remove that folder and try again."
    sleep 1
    seconds=$((seconds + 1))
  done
  trap 'rm -rf "$lock"; kill "${ticker:-}" 2>/dev/null || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  echo $$ >"$lock/pid"
}

print_progress() {
  seconds=0
  while sleep 10 </dev/null >/dev/null 2>&1; do
    seconds=$((seconds + 10))
    echo "Still installing packages ($seconds s)"
  done
}

is_installed && exit 0
command -v npm >/dev/null || fail "npm is missing. Install Node.js 20 or newer, which brings it."
mkdir -p .cache
take_lock
is_installed && exit 0
echo "Installing packages (about a minute the first time)"
rm -f "$stamp"
print_progress &
ticker=$!
if ! npm ci --no-audit --no-fund >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "The packages could not be installed. The whole output is in $PWD/$log."
fi
checksum >"$stamp"
