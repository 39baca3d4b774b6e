#!/bin/sh
# Which addresses and which balancing method does the template get? Works in the official image and in ours: needs only sed.
# SERVER_1, SERVER_2: fixed addresses · BALANCE: round_robin, least_conn or ip_hash · WEIGHT_1, WEIGHT_2: whole numbers.
set -eu

case "${BALANCE:-round_robin}" in
  round_robin) method= ;;
  least_conn | ip_hash) method="$BALANCE;" ;;
  *) echo "Cannot balance by BALANCE: \"$BALANCE\"; use round_robin, least_conn or ip_hash" >&2; exit 64 ;;
esac
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
sed -e "s/@METHOD@/$method/" \
  -e "s/@SERVER_1@/$SERVER_1/" -e "s/@SERVER_2@/$SERVER_2/" \
  -e "s/@SERVER_1_PATTERN@/$(escaped "$SERVER_1")/" -e "s/@SERVER_2_PATTERN@/$(escaped "$SERVER_2")/" \
  -e "s/@WEIGHT_1@/${WEIGHT_1:-1}/" -e "s/@WEIGHT_2@/${WEIGHT_2:-1}/" \
  /tmp/template > /tmp/nginx.conf
exec nginx -e stderr -c /tmp/nginx.conf
