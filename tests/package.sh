#!/usr/bin/env bash
# Does the package work where it is installed, and not only in the clone? Packs it, installs the tarball in an empty folder and runs it there, by
# the machine's own Node: the launcher must find the one that came along. Needs the npm registry.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

npm pack --silent --pack-destination "$folder" > /dev/null
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund --prefer-offline ./rollcall-*.tgz

# Every relative link of the README leads somewhere in the package, too.
grep -oE '\]\([^)]+\)' node_modules/rollcall/README.md | sed 's/^](//; s/)$//; s/#.*//' | grep -vE '^(https?:|$)' | while read -r link; do
  [ -e "node_modules/rollcall/$link" ] || { echo "README.md: the link to $link leads nowhere in the package" >&2; exit 1; }
done

# Without the folders that npm put first for a script of the clone.
PATH=$(tr : '\n' <<< "$PATH" | grep -v node_modules | paste -sd :)
echo "node $(node --version), rollcall $(npx rollcall --version)"
npx rollcall clauses --json | node -e 'process.exit(JSON.parse(require("fs").readFileSync(0, "utf8")).length > 0 ? 0 : 1)'
npx rollcall verify --only connect,witness
