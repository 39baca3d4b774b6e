import { expect, test } from "vitest";
import type { Evidence, Verdict } from "../checkers/verdict.ts";
import { sequenceBlock } from "./sequence.ts";

const marker = "m-0123abcd-1~";

/** "stomp A > text" was sent, "stomp A < text" received; one after the other. */
const linesOf = (...texts: string[]): Evidence[] =>
  texts.map((line, atMs) => {
    const [, connection, way, text] = /^(.*?) ([<>ox]) (.*)$/s.exec(line)!;
    const direction = ({ "<": "received", ">": "sent", o: "opened", x: "closed" } as const)[way as "<"];
    return { atMs, connection: connection!, direction, text: text! };
  });

const blockOf = (texts: readonly string[], more: Partial<Verdict> = {}): string =>
  sequenceBlock({
    id: "subscribe.x",
    level: "MUST",
    kind: "fail",
    text: "It holds.",
    source: "x",
    because: `nothing of ${marker} on stomp B`,
    durationMs: 1,
    evidence: linesOf(...texts),
    ...more,
  });

/** The words of its arrows, in their order; what is judged has a star. */
const wordsIn = (block: string): string[] =>
  [...block.matchAll(/<text class="words( found)?"[^>]*>([^<]*)/g)].map(([, found, words]) =>
    found === undefined ? words! : `* ${words!}`,
  );

const sent = `stomp A > SEND\ndestination:/pub/messages\n\n{"content":"${marker}"}`;
const heard = (connection: string): string =>
  `${connection} < MESSAGE destination:/sub/rooms.1 message-id:7 {"content":"${marker}"}`;

test("what never came is an arrow of its own, by the name of the message", () => {
  const block = blockOf([sent, heard("stomp A"), "stomp B < MESSAGE destination:/sub/rooms.2 other"]);
  expect(wordsIn(block)).toEqual([`SEND ${marker}`, `MESSAGE ${marker}`, `* ✗ never came: ${marker}`]);
  expect(block).toContain('class="step found missing"');
  for (const lane of ["stomp A", "stomp B", "target"]) expect(block).toContain(`>${lane}</text>`);
});

test("what came on the connection under judgement is marked, each copy of it", () => {
  const because = `stomp B heard ${marker} twice`;
  const block = blockOf([sent, heard("stomp A"), heard("stomp B"), heard("stomp B")], { because });
  expect(wordsIn(block)).toEqual([`SEND ${marker}`, `MESSAGE ${marker}`, `* MESSAGE ${marker}`, `* MESSAGE ${marker}`]);
});

test("of a long exchange the last steps are drawn, and the others counted", () => {
  const block = blockOf(Array.from({ length: 40 }, () => heard("stomp B")));
  expect(wordsIn(block)).toHaveLength(24);
  expect(block).toContain("16 more are in the transcript");
});

test("a target's words are text, and a connection that begins and ends is no arrow", () => {
  const block = blockOf(["stomp B o <b>there</b>", "stomp B < <script>1</script>", "stomp B x 1006"], {
    because: "closed on stomp B",
  });
  expect(block).not.toMatch(/<b>|<script/);
  expect(wordsIn(block)).toEqual(["&lt;script&gt;1&lt;/script&gt;"]);
  expect(block).toContain("○");
  expect(block).toContain("×");
});

test("nothing is drawn of what passed, or where nothing was said", () => {
  expect(blockOf([sent], { kind: "pass" })).toBe("");
  expect(blockOf([])).toBe("");
});
