#!/bin/sh
# Starts the server in the background and waits until it listens; one that runs is left alone. OWN_STATE: the file in
# which it keeps everything; beside it are its pid, as long as it runs, and what it prints.
set -eu
cd "$(dirname "$0")"
[ ! -s "$OWN_STATE.pid" ] || exit 0
node server.ts > "$OWN_STATE.log" 2>&1 < /dev/null &
until [ -s "$OWN_STATE.pid" ]; do
  kill -0 $! || { cat "$OWN_STATE.log" >&2; exit 1; }
  sleep 0.1
done
