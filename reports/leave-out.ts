// What may a definition leave out, and how much is still verified? Made from what the clauses need; docs/definition.md.

import { catalogue, clausesOf, featuresOf, type ClauseId } from "../contract/catalogue.ts";
import { features, type Feature } from "../contract/clause.ts";
import { promises } from "../systems/promises.ts";

/** No system that is built in: what is left is owed by any system that has the features. */
const anySystem = "";

const areasOf = (ids: readonly ClauseId[]): string =>
  [...Map.groupBy(ids, (id) => id.split(".", 1)[0]!)].map(([area, { length }]) => `${area} ${length}`).join(", ");

/** Definitions from the least to nearly all, each with what it has more than the one before. */
const steps: readonly (readonly [title: string, has: readonly Feature[]])[] = [
  ["An event stream: `events` with one cause", ["events"]],
  ["A broker: `rooms.open`, `stomp.url`, `destinations`, `send`, `textOf`", ["stomp", "websocket", "text", "send"]],
  ["Rooms over bare WebSocket JSON: `rooms.open`, `websocket`", ["raw-websocket", "websocket"]],
  [
    "The example of the README: accounts, rooms of members, STOMP with a token",
    ["stomp", "websocket", "text", "send", "credential", "membership", "order-per-room", "order-per-sender"],
  ],
];

const judged = (has: readonly Feature[]): ClauseId[] =>
  clausesOf(anySystem).filter((id) => featuresOf(id).length > 0 && featuresOf(id).every((one) => has.includes(one)));

/** The page, with a line end. */
export function leaveOutMarkdown(): string {
  const ids = clausesOf(anySystem);
  const needing = (feature: Feature): ClauseId[] => ids.filter((id) => featuresOf(id).includes(feature));
  const rows = (Object.keys(features) as Feature[]).map((feature) => {
    const needed = needing(feature);
    const of = needed.length === 0 ? "–" : areasOf(needed);
    return `| \`${features[feature].replaceAll("|", "\\|")}\` | ${needed.length} | ${of} |`;
  });
  const patient = ids.filter((id) => catalogue[id].needs !== undefined).length;
  return `# What a definition may leave out

Everything but the name. What is not there makes the clauses that need it *unsupported*: they are not scored, and the
report names the line that would enable them.

Begin with \`npx rollcall init\`: it asks, or takes \`--yes\` and flags, and writes \`rollcall.config.ts\` with comments.
\`npx rollcall init --check\` tries each function of it once. Then this page says what is worth adding.

${ids.length} clauses are owed by any system that has what they are about; ${patient} of these need something of the run as well:
a second URL, a proxy, patience, an admin, a browser. So many of them are judged with a small definition:

| definition | clauses | in |
|---|---:|---|
${steps.map(([title, has]) => `| ${title} | ${judged(has).length} | ${areasOf(judged(has))} |`).join("\n")}

What is lost without each part, alone:

| without | unsupported | in |
|---|---:|---|
${rows.join("\n")}

Not a part of any clause's needs, and worth having: \`accounts.remove\` and \`rooms.remove\` (else accounts and rooms stay),
\`http.alive\` (else \`/\` is asked), \`accounts.check\` (else a login that has ended is found out late), \`stomp.idOf\` and
\`stomp.isFrom\` (else a message is known by its text alone).

What \`promises\` may say. Exactly once, isolation, and everything that a connection hears while it lives are promised
unless something here takes it away; without \`history\` nobody is owed what was said while they were away. A run with
faults (\`verify --faults\`) writes them into its history, and \`judge\` asks for no more:

| promise | means |
|---|---|
${Object.entries(promises)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join("\n")}

Generated from the clauses' needs by \`npx rollcall clauses --definition\`; a test fails when it is stale.
`;
}
