#!/bin/sh
# Nginx with nchan: a POST to /publish goes to the event stream at /events, which keeps what was said for a while. It
# prints its address when it is ready, and ends with this script. PORT: of both.
set -eu
base=$(mktemp -d)
cat > "$base/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
pid $base/nginx.pid;
error_log $base/error.log;
events {}
http {
  access_log off;
  client_body_temp_path $base/body;
  proxy_temp_path $base/proxy;
  fastcgi_temp_path $base/fastcgi;
  uwsgi_temp_path $base/uwsgi;
  scgi_temp_path $base/scgi;
  server {
    listen 127.0.0.1:$PORT;
    location = /events {
      nchan_subscriber eventsource;
      nchan_channel_id all;
      nchan_subscriber_first_message newest;
    }
    location = /publish {
      nchan_publisher;
      nchan_channel_id all;
      nchan_message_buffer_length 1000;
      nchan_message_timeout 10m;
    }
  }
}
END
nginx -c "$base/nginx.conf" -p "$base" -e "$base/error.log" &
server=$!
trap 'kill $server 2> /dev/null || true; wait $server 2> /dev/null || true; rm -rf "$base"' EXIT
trap 'exit 0' INT TERM
for _ in $(seq 100); do
  curl -s -o "$base/answer" "http://127.0.0.1:$PORT/publish" && break
  kill -0 $server 2> /dev/null || { cat "$base/error.log" >&2; exit 1; }
  sleep 0.1
done
echo "http://127.0.0.1:$PORT"
wait $server
