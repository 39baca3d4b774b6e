#!/bin/sh
# How does Redis get its password? On standard input: an argument would show in every list of processes.
# Works in the official image and in ours. REDIS_PASSWORD: letters and digits. Nothing is stored on disk.
set -eu

: "${REDIS_PASSWORD:?Cannot start: REDIS_PASSWORD is not set}"
exec redis-server - << CONFIG
requirepass $REDIS_PASSWORD
save ""
appendonly no
dir /data
maxmemory 128mb
maxmemory-policy noeviction
CONFIG
