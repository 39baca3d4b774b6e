#!/usr/bin/env bash
# Does the package work where it is installed, and not only in the clone? Packs it, installs the tarball in an empty folder
# and runs it there: under an old Node it says how to get a new one, and finds it. Needs the npm registry.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
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

# The library: a configuration of one's own type-checks against the package, and a wrong one does not.
sed -n '/^```ts$/,/^```$/p' node_modules/rollcall/README.md | grep -v '^```' > rollcall.config.ts
check=(node "$root/node_modules/typescript/bin/tsc" --noEmit --strict --module nodenext --target esnext --types '' rollcall.config.ts)
echo '{ "private": true, "type": "module" }' > package.json
"${check[@]}"
sed -i 's/access: "members"/access: "everyone"/' rollcall.config.ts
if "${check[@]}" > /dev/null; then echo "a wrong definition type-checks" >&2; exit 1; fi
rm rollcall.config.ts

# Without the folders that npm put first for a script of the clone.
PATH=$(tr : '\n' <<< "$PATH" | grep -v node_modules | paste -sd :)
if [ "$(node --print 'parseInt(process.versions.node)')" -lt 24 ]; then
  code=0
  said=$(npx rollcall --version 2>&1) || code=$?
  [ "$code" = 4 ] && grep -q 'npx -p node@24' <<< "$said" || { echo "under an old Node: exit code $code, $said" >&2; exit 1; }
  npm install --silent --no-audit --no-fund --prefer-offline ./rollcall-*.tgz "node@$(node --print "require('$root/node_modules/node/package.json').version")"
fi
echo "node $(node --version), rollcall $(npx rollcall --version), $(du -sm node_modules | cut -f1) MB"
npx rollcall clauses --json | node -e 'process.exit(JSON.parse(require("fs").readFileSync(0, "utf8")).length > 0 ? 0 : 1)'
npx rollcall verify --only connect,witness

# The library: the example of docs/own-tests.md type-checks and passes against the package's own server.
PATH=$PWD/node_modules/.bin:$PATH
mkdir own
sed -n '/^```ts$/,/^```$/p' node_modules/rollcall/docs/own-tests.md | grep -v '^```' > own/chat.test.ts
ln -s "$root/node_modules/vitest" node_modules/vitest
node "$root/node_modules/typescript/bin/tsc" --noEmit --strict --skipLibCheck --module nodenext --target esnext \
  --types node --typeRoots "$root/node_modules/@types" own/chat.test.ts
SYSTEMS=discodeit-1 DISCODEIT_1_PORT=0 rollcall serve > serve.log 2>&1 &
serve=$!
trap 'kill "$serve" 2> /dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 300); do
  url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' serve.log | head -1) || true
  [ -z "$url" ] || break
  kill -0 "$serve" 2> /dev/null || { cat serve.log >&2; exit 1; }
  sleep 0.1
done
CHAT_URL=$url node node_modules/vitest/vitest.mjs run --root own
