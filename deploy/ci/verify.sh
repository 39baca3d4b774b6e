#!/usr/bin/env bash
# What a build server runs: verifies the server of the job and shows what came of it. The exit code is verify's. Set by
# action.yml, deploy/ci/gitlab.yml or by hand: ROLLCALL_URL (several: with blanks between them), and if need be
# ROLLCALL_SYSTEM, ROLLCALL_CONFIG, ROLLCALL_KNOWN_FAILING, ROLLCALL_STRICT=true, ROLLCALL_ARGS, ROLLCALL_REPORT, and
# ROLLCALL, the command itself.
set -uo pipefail

read -ra command <<< "${ROLLCALL:-npx rollcall}"
read -ra urls <<< "${ROLLCALL_URL:-}"
read -ra more <<< "${ROLLCALL_ARGS:-}"
report=${ROLLCALL_REPORT:-rollcall-report}

# The server is the job's own: nobody is asked.
arguments=(verify ${urls[@]+"${urls[@]}"} --yes --report "$report")
[ -n "${ROLLCALL_SYSTEM:-}" ] && arguments+=(--system "$ROLLCALL_SYSTEM")
[ -n "${ROLLCALL_CONFIG:-}" ] && arguments+=(--config "$ROLLCALL_CONFIG")
[ -n "${ROLLCALL_KNOWN_FAILING:-}" ] && arguments+=(--known-failing "$ROLLCALL_KNOWN_FAILING")
[ "${ROLLCALL_STRICT:-}" = true ] && arguments+=(--strict)

if [ "${#urls[@]}" = 0 ] && [ -z "${ROLLCALL_CONFIG:-}" ]; then
  echo "nothing to verify: set ROLLCALL_URL, or ROLLCALL_CONFIG to a file with a target" >&2
  exit 3
fi

# A report from before this run says nothing of it.
began=$(mktemp)
trap 'rm -f "$began"' EXIT
"${command[@]}" "${arguments[@]}" ${more[@]+"${more[@]}"}
code=$?
[ "$report/report.json" -nt "$began" ] && "${command[@]}" report "$report" --ci
exit "$code"
