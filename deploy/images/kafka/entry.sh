#!/bin/bash
# How do KAFKA_… variables become the properties of one KRaft node, exactly as in the official image?
# KAFKA_LOG_DIRS → log.dirs; `__` means `_`, `___` means `-`. CLUSTER_ID, KAFKA_HEAP_OPTS, KAFKA_JVM_PERFORMANCE_OPTS and KAFKA_OPTS are not properties.
set -euo pipefail

properties=/opt/kafka/config/server.properties
: > "$properties"
for variable in $(compgen -e KAFKA_); do
  case $variable in
    KAFKA_HEAP_OPTS | KAFKA_JVM_PERFORMANCE_OPTS | KAFKA_OPTS | KAFKA_LOG4J_OPTS | KAFKA_GC_LOG_OPTS | KAFKA_JMX_OPTS | KAFKA_VERSION) continue ;;
  esac
  name=${variable#KAFKA_}
  name=${name//___/-}
  name=${name//__/$'\1'}
  name=${name//_/.}
  name=${name//$'\1'/_}
  printf '%s=%s\n' "${name,,}" "${!variable}" >> "$properties"
done

read -ra options <<< "${KAFKA_HEAP_OPTS:--Xmx512m} ${KAFKA_JVM_PERFORMANCE_OPTS:-} ${KAFKA_OPTS:-}"
data=$(sed -n 's/^log\.dirs=//p' "$properties")
if [ ! -e "${data%%,*}/meta.properties" ]; then
  java "${options[@]}" -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format -t "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$properties"
fi
exec java "${options[@]}" -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
