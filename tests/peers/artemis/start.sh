#!/bin/sh
# ActiveMQ Artemis, unpacked from Maven's repository, with a broker of its own: STOMP over TCP and WebSocket on one port.
# It prints its address when it is ready, and ends with this script. PORT: of STOMP.
set -eu
version=2.40.0
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
cd "$base"
mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack -DoutputDirectory="$base" \
  -Dartifact="org.apache.activemq:apache-artemis:$version:zip:bin" > "$base/maven"
sh "$base/apache-artemis-$version/bin/artemis" create "$base/broker" --user admin --password admin --allow-anonymous \
  --no-web --no-amqp-acceptor --no-mqtt-acceptor --no-hornetq-acceptor --no-stomp-acceptor --no-autotune --silent \
  --nio --host 127.0.0.1 --java-options "-Xmx512m" > "$base/create"
options="protocols=STOMP;anycastPrefix=/queue/;multicastPrefix=/topic/;stompEnableMessageId=true"
sed -i "s|<acceptor name=\"artemis\">.*</acceptor>|<acceptor name=\"stomp\">tcp://127.0.0.1:$PORT?$options</acceptor>|" \
  "$base/broker/etc/broker.xml"
sh "$base/broker/bin/artemis" run > "$base/out" 2>&1 &
server=$!
trap 'kill $server 2> /dev/null || true; wait $server 2> /dev/null || true; rm -rf "$base"' EXIT
trap 'exit 0' INT TERM
for _ in $(seq 600); do
  grep -q 'AMQ221007' "$base/out" && break
  kill -0 $server 2> /dev/null || { cat "$base/out" >&2; exit 1; }
  sleep 0.1
done
echo "http://127.0.0.1:$PORT"
wait $server
