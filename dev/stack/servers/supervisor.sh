#!/bin/sh
# Reads "+PID" and "-PID" lines from its parent. When the parent is gone, for whatever reason, the pipe closes and the processes that
# are still on the list are terminated.
trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid=${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) pids="${pids%% "$pid" *} ${pids#* "$pid" }" ;;
  esac
done

any_alive() {
  found=1
  for pid in $pids; do
    kill -0 "$pid" 2>/dev/null && found=0
  done
  return $found
}

signal() {
  for pid in $pids; do
    kill "-$1" "$pid" 2>/dev/null
  done
}

signal CONT
signal TERM
seconds=0
while any_alive && [ "$seconds" -lt 15 ]; do
  sleep 1
  seconds=$((seconds + 1))
done
signal KILL
