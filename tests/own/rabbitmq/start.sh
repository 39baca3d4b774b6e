#!/bin/sh
# A RabbitMQ of its own beside any other on this machine, with STOMP over WebSocket and eight users; it prints its
# address when these are there, and ends with this script. PORT: of STOMP over WebSocket; the ports after it are the
# broker's, too.
set -eu
base=$(mktemp -d)
export RABBITMQ_NODENAME="rollcall-$PORT@localhost" RABBITMQ_MNESIA_BASE="$base/mnesia" RABBITMQ_LOG_BASE="$base/log"
export RABBITMQ_ENABLED_PLUGINS_FILE="$base/plugins" RABBITMQ_CONFIG_FILE="$base/rabbitmq" HOME="$base"
# A name service of its own, which ends with it: by itself, Erlang's stays.
export ERL_EPMD_PORT=$((PORT + 10))
export RABBITMQ_DIST_PORT=$((PORT + 3)) ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_CTL_DIST_PORT_MIN=$((PORT + 4)) RABBITMQ_CTL_DIST_PORT_MAX=$((PORT + 9))
cat > "$base/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$((PORT + 1))
stomp.listeners.tcp.1 = 127.0.0.1:$((PORT + 2))
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = $PORT
END
echo '[rabbitmq_web_stomp].' > "$base/plugins"
bin=/usr/lib/rabbitmq/bin
"$bin/rabbitmq-server" > "$base/out" 2>&1 &
server=$!
trap 'kill $server 2> /dev/null || true; wait $server 2> /dev/null || true; epmd -kill > /dev/null 2>&1 || true; rm -rf "$base"' EXIT
trap 'exit 0' INT TERM
"$bin/rabbitmqctl" --quiet wait --pid $server --timeout 120 > "$base/ctl" 2>&1 || { cat "$base/out" "$base/ctl" >&2; exit 1; }
for name in ann ben cem dan eve fay gus hal; do
  "$bin/rabbitmqctl" --quiet add_user "$name" secret > /dev/null 2>&1
  "$bin/rabbitmqctl" --quiet set_permissions "$name" '.*' '.*' '.*' > /dev/null 2>&1
done
echo "http://127.0.0.1:$PORT"
wait $server
