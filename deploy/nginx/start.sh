#!/bin/sh
# Which addresses and which balancing method does the template get? Works in the official image and in ours: needs only sed.
# SERVER_1, SERVER_2: fixed addresses · BALANCE: round_robin, least_conn, ip_hash, or weights as 3:1.
set -eu

method=
weights=1:1
balance=${BALANCE:-round_robin}
if [ "$balance" = least_conn ] || [ "$balance" = ip_hash ]; then
  method="$balance;"
elif printf '%s' "$balance" | grep -Eqx '[1-9][0-9]{0,3}:[1-9][0-9]{0,3}'; then
  weights=$balance
elif [ "$balance" != round_robin ]; then
  echo "Cannot balance by BALANCE: \"$balance\"; use round_robin, least_conn, ip_hash, or weights as 3:1" >&2
  exit 64
fi
# Built by `rollcall serve` or `rollcall stack up` (deploy/page.ts).
page=unbuilt
[ ! -f /usr/share/rollcall/dist/index.html ] || page=dist
# A map key is a regular expression there: the address with its dots escaped.
escaped() { printf '%s' "$1" | sed 's/\./\\\\./g'; }
# Streams are compiled in, or a module, or not there: then nobody comes by TCP, and everything else goes on.
stream=
module=$(find /usr/lib/nginx/modules -name ngx_stream_module.so 2>/dev/null || true)
if [ -n "$module" ]; then
  stream=/etc/rollcall/stream.conf.template
  echo "load_module $module;" > /tmp/modules.conf
elif nginx -V 2>&1 | grep -q -- '--with-stream '; then
  stream=/etc/rollcall/stream.conf.template
  : > /tmp/modules.conf
else
  echo "This Nginx has no streams: STOMP is not served over TCP" >&2
  : > /tmp/modules.conf
fi
cat /tmp/modules.conf /etc/rollcall/nginx.conf.template $stream > /tmp/template
sed -e "s/@METHOD@/$method/" -e "s/@PAGE@/$page/" \
  -e "s/@SERVER_1@/$SERVER_1/" -e "s/@SERVER_2@/$SERVER_2/" \
  -e "s/@SERVER_1_PATTERN@/$(escaped "$SERVER_1")/" -e "s/@SERVER_2_PATTERN@/$(escaped "$SERVER_2")/" \
  -e "s/@WEIGHT_1@/${weights%:*}/" -e "s/@WEIGHT_2@/${weights#*:}/" \
  /tmp/template > /tmp/nginx.conf
exec nginx -e stderr -c /tmp/nginx.conf
