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
if ! node --eval 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 22 || (major === 22 && minor >= 18) ? 0 : 1)'; then
  code=0
  said=$(npx rollcall --version 2>&1) || code=$?
  [ "$code" = 4 ] && grep -q 'npx -p node@24' <<< "$said" || { echo "under an old Node: exit code $code, $said" >&2; exit 1; }
  npm install --silent --no-audit --no-fund --prefer-offline ./rollcall-*.tgz "node@$(node --print "require('$root/node_modules/node/package.json').version")"
fi
# Small: clients that few need are optional peers, and each says how to get it.
size=$(du -sm node_modules | cut -f1)
[ -d node_modules/node ] && size=$((size - $(du -sm node_modules/node node_modules/node-* 2> /dev/null | awk '{ sum += $1 } END { print sum + 0 }')))
[ "$size" -lt 70 ] || { echo "npm install rollcall takes $size MB" >&2; exit 1; }
missing() {
  local code=0 said
  said=$(npx rollcall "${@:2}" 2>&1) || code=$?
  [ "$code" = 4 ] && grep -qE "^rollcall: Cannot load the package $1, .+; next: npm i -D $1@[^ ]+$" <<< "$said" ||
    { echo "without $1: exit code $code, $said" >&2; exit 1; }
}
missing kafkajs verify http://127.0.0.1:9 --system discodeit-1 --kafka 127.0.0.1:9
missing ioredis verify http://127.0.0.1:9 --system redis-chat --redis 127.0.0.1:9
said=$(npx rollcall stack up 2>&1) && { echo "the stack is up without its packages" >&2; exit 1; }
grep -qE 'npm i -D testcontainers@[^ ]+ @platformatic/kafka@[^ ]+ ioredis@[^ ]+ kafkajs@' <<< "$said" || { echo "$said" >&2; exit 1; }
missing playwright-core verify --browser "$(command -v bash)"
echo 'asyncapi: 3.0.0' > asyncapi.yaml
missing yaml init --yes --asyncapi asyncapi.yaml
distributed=(SYSTEMS=discodeit-1 ADMIN_PASSWORD=an-admin-of-none DATABASE_URL=postgres://127.0.0.1:9/none REDIS_URL=redis://127.0.0.1:9)
said=$(env "${distributed[@]}" npx rollcall serve 2>&1) && { echo "serve starts without ioredis" >&2; exit 1; }
grep -q '^Cannot start: Cannot load the package ioredis, which REDIS_URL needs: .*npm i -D ioredis@' <<< "$said" ||
  { echo "$said" >&2; exit 1; }
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
# The page is in the package, built.
curl -fsS "$url/" | grep -q 'src="/assets/' || { echo "the package has no built page" >&2; exit 1; }
CHAT_URL=$url node node_modules/vitest/vitest.mjs run --root own
