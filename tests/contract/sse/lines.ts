// Proofs of contract/sse/lines.ts, on the octets of a stream. Where nobody can make an event come, they are those of
// the stream that was watched.

import { isUtf8 } from "node:buffer";
import type { lines as area } from "../../../contract/sse/lines.ts";
import type { SseItem } from "../../../drivers/codecs/sse.ts";
import { claim, Inconclusive, type Proofs } from "../../../runner/proof.ts";
import type { World } from "../../../runner/world.ts";

interface Heard {
  items: readonly SseItem[];
  bytes: Buffer;
}

/** A stream from its beginning to an event of ours, twice, so that what is between two events is seen, too. */
async function heard(world: World): Promise<Heard> {
  const { watched } = world.baseline;
  if (watched !== undefined) return watched;
  const [alice, bob] = await world.accounts(2);
  const stream = await world.events(alice, { keepsBytes: true });
  for (let count = 0; count < 2; count++) {
    const { id } = await world.causeEvent(alice, bob);
    await world.awaitEvent(stream, world.probeKind, id);
  }
  return { items: stream.inbox.items, bytes: stream.bytes };
}

/** Of a stream that may have been cut within a character. */
const wholeLines = ({ bytes }: Heard): Buffer =>
  bytes.subarray(0, Math.max(bytes.lastIndexOf("\n"), bytes.lastIndexOf("\r")) + 1);

const linesOf = (what: Heard): string[] =>
  wholeLines(what)
    .toString("utf8")
    .split(/\r\n|\r|\n/);

const quoted = (line: string): string => JSON.stringify(line.slice(0, 80));

/** The fields of this name, as they stand there. */
function fieldsIn(what: Heard, name: string): string[] {
  return linesOf(what)
    .filter((line) => line === name || line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ""));
}

/** Where no event came, nothing is known of ids. */
function ids(world: World, what: Heard): string[] {
  if (!what.items.some(({ kind }) => kind === "event"))
    throw new Inconclusive(
      `no event came in the ${world.baseline.watched?.seconds ?? 0} s that the stream was watched`,
    );
  return fieldsIn(what, "id");
}

export const lines: Proofs<typeof area> = {
  "lines.are-utf-8": async (world) => {
    claim(isUtf8(wholeLines(await heard(world))), "the stream holds octets that are no UTF-8");
  },

  "lines.no-mark-inside": async (world) => {
    const [, ...others] = linesOf(await heard(world));
    const marked = others.find((line) => line.startsWith("\uFEFF"));
    claim(marked === undefined, () => `a line within the stream begins with a byte order mark: ${quoted(marked!)}`);
  },

  "lines.retry-is-digits": async (world) => {
    const odd = fieldsIn(await heard(world), "retry").find((value) => !/^\d+$/.test(value));
    claim(odd === undefined, () => `a field retry is ${quoted(odd!)}, which clients ignore`);
  },

  "lines.ids-have-no-nul": async (world) => {
    const odd = ids(world, await heard(world)).find((id) => id.includes("\0"));
    claim(odd === undefined, () => `an id holds NUL: ${quoted(odd!)}`);
  },

  "lines.ids-fit-a-header": async (world) => {
    // NUL is the other clause's.
    const odd = ids(world, await heard(world)).find((id) => !/^[\x20-\x7e\0]*$/.test(id));
    claim(odd === undefined, () => `an id is no printable ASCII: ${quoted(odd!)}`);
  },

  "lines.ids-come-with-data": async (world) => {
    const { items } = await heard(world);
    const bare = items.find(
      (item) =>
        (item.kind === "settings" && item.id !== undefined) ||
        (item.kind === "event" && item.id !== undefined && item.data === undefined),
    );
    claim(bare === undefined, () => `a block has an id and no data: ${JSON.stringify(bare)}`);
  },
};
