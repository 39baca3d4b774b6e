import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../any-text.ts";
import {
  encodeFrame,
  headerOf,
  octetCount,
  StompParser,
  StompSyntaxError,
  type StompItem,
  type StompVersion,
} from "./stomp.ts";

/** What a parser makes of a text that comes in pieces of `size` characters. */
function readIn(size: number, text: string, version: StompVersion = "1.2"): StompItem[] {
  const parser = new StompParser(version);
  const items: StompItem[] = [];
  for (let at = 0; at < text.length; at += size) items.push(...parser.push(text.slice(at, at + size)));
  expect(parser.pendingLength).toBe(0);
  return items;
}

const wire = [
  "CONNECTED\nversion:1.2\nheart-beat:0,0\nserver:a\\b:c\n\n\0",
  "\n",
  "MESSAGE\r\nsubscription:sub-0\r\nmessage-id:a\\cb\\\\c\\nd\\re\r\nsubscription:second\r\ncontent-length:9\r\n\r\n안\0🎉x\0",
  "\r\n\n",
  "MESSAGE\nsubscription:sub-0\nempty:\n\nno length\0",
  "RECEIPT\nreceipt-id:1\n\n\0",
  "ERROR\nmessage:no\ncontent-length:0\n\n\0",
].join("");

const read: StompItem[] = [
  {
    command: "CONNECTED",
    headers: [
      ["version", "1.2"],
      ["heart-beat", "0,0"],
      ["server", "a\\b:c"],
    ],
    body: "",
  },
  "heart-beat",
  {
    command: "MESSAGE",
    headers: [
      ["subscription", "sub-0"],
      ["message-id", "a:b\\c\nd\re"],
      ["subscription", "second"],
      ["content-length", "9"],
    ],
    body: "안\0🎉x",
  },
  "heart-beat",
  "heart-beat",
  {
    command: "MESSAGE",
    headers: [
      ["subscription", "sub-0"],
      ["empty", ""],
    ],
    body: "no length",
  },
  { command: "RECEIPT", headers: [["receipt-id", "1"]], body: "" },
  {
    command: "ERROR",
    headers: [
      ["message", "no"],
      ["content-length", "0"],
    ],
    body: "",
  },
];

test.each([wire.length, 1, 2, 3])("StompParser reads frames in pieces of %i characters", (size) => {
  expect(readIn(size, wire)).toEqual(read);
});

test("headerOf() takes the first of a repeated name", () => {
  const frame = {
    command: "MESSAGE",
    headers: [
      ["a", "1"],
      ["a", "2"],
    ] as const,
    body: "",
  };
  expect(headerOf(frame, "a")).toBe("1");
  expect(headerOf(frame, "b")).toBeUndefined();
});

test.each([
  ["a command in small letters", "message\n\n\0", 'command "message"'],
  ["an empty command", " \n\n\0", 'command " "'],
  ["NUL before the empty line", "MESSAGE\na:b\0", "NUL before the empty line"],
  ["a header without a colon", "MESSAGE\nabc\n\n\0", 'header: "abc"'],
  ["a header without a name", "MESSAGE\n:b\n\n\0", 'header: ":b"'],
  ["a CR within a header", "MESSAGE\na:b\rc\n\n\0", 'header: "a:b\\rc"'],
  ["an undefined escape", "MESSAGE\na:b\\tc\n\n\0", "undefined escape"],
  ["an escape without an end", "MESSAGE\na:b\\\n\n\0", "undefined escape"],
  ["a content-length that is no number", "MESSAGE\ncontent-length:x\n\n\0", 'content-length "x"'],
  ["a content-length with a sign", "MESSAGE\ncontent-length:-1\n\n\0", 'content-length "-1"'],
  ["a content-length that is too short", "MESSAGE\ncontent-length:1\n\nab\0", "no NUL after 1 octets"],
  ["a content-length that cuts a character", "MESSAGE\ncontent-length:1\n\n안\0", "no NUL after 1 octets"],
  ["a body where none may be", "RECEIPT\nreceipt-id:1\n\nbody\0", "RECEIPT with a body"],
  ["CR without LF between frames", "\rX", "CR without LF"],
])("StompParser refuses %s", (_, text, message) => {
  for (const size of [text.length, 1, 2]) {
    const parser = new StompParser();
    const feed = (): void => {
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
    };
    expect(feed).toThrow(StompSyntaxError);
    expect(() => new StompParser().push(text)).toThrow(message);
  }
});

test("StompParser follows the version that CONNECTED agrees on", () => {
  const parser = new StompParser("1.2");
  parser.push("CONNECTED\nversion:1.1\n\n\0");
  expect(() => parser.push("MESSAGE\na:b\\rc\n\n\0")).toThrow("undefined escape");
  expect(readIn(1, "MESSAGE\na:b\\rc\n\n\0", "1.0")).toEqual([
    { command: "MESSAGE", headers: [["a", "b\\rc"]], body: "" },
  ]);
});

test("StompParser keeps an incomplete frame", () => {
  const parser = new StompParser();
  expect(parser.push("MESSAGE\na:b\n\nhalf")).toEqual([]);
  expect(parser.pendingLength).toBe(17);
  expect(parser.push("\0")).toHaveLength(1);
});

test("encodeFrame() escapes, counts octets, and leaves CONNECT alone", () => {
  expect(encodeFrame("SEND", { "a:b": "c\\d\ne\rf" }, "안")).toBe(
    "SEND\na\\cb:c\\\\d\\ne\\rf\ncontent-length:3\n\n안\0",
  );
  expect(encodeFrame("SEND", { a: "b\rc" }, "", "1.1")).toBe("SEND\na:b\rc\n\n\0");
  expect(encodeFrame("CONNECT", { login: "a:b" })).toBe("CONNECT\nlogin:a:b\n\n\0");
  expect(encodeFrame("SEND", { "content-length": "9" }, "x")).toBe("SEND\ncontent-length:9\n\nx\0");
});

test("octetCount() counts as UTF-8 does", () => {
  fc.assert(fc.property(anyText, (text) => octetCount(text) === Buffer.byteLength(text)));
});

const headers = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name !== "content-length" && name !== "__proto__"),
  fc.string({ unit: "grapheme" }),
  { maxKeys: 5, noNullPrototype: true },
);

test("encodeFrame() and StompParser are each other's inverse, however the text is cut", () => {
  fc.assert(
    fc.property(headers, fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (given, body, size) => {
      const [frame, ...rest] = readIn(size, encodeFrame("SEND", given, body));
      expect(rest).toEqual([]);
      expect(frame).toMatchObject({ command: "SEND", body });
      const back = (frame as Exclude<StompItem, "heart-beat">).headers.filter(([name]) => name !== "content-length");
      expect(back).toEqual(Object.entries(given));
    }),
  );
});

/** Characters that string methods went over or copied meanwhile. */
function workOf(work: () => void): number {
  let count = 0;
  const texts = String.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const spied: [
    Record<string, (...args: unknown[]) => unknown>,
    string,
    (self: unknown, args: unknown[], result: unknown) => number,
  ][] = [
    ...["indexOf", "split", "includes", "endsWith", "startsWith", "replace"].map(
      (name) => [texts, name, (self: unknown) => String(self).length] as (typeof spied)[number],
    ),
    [texts, "slice", (_, __, result) => (result as string).length],
    [texts, "charCodeAt", () => 1],
    [Array.prototype as unknown as (typeof spied)[number][0], "join", (_, __, result) => (result as string).length],
    [RegExp.prototype as unknown as (typeof spied)[number][0], "exec", (_, [text]) => String(text).length],
    [RegExp.prototype as unknown as (typeof spied)[number][0], "test", (_, [text]) => String(text).length],
  ];
  const originals = spied.map(([owner, name]) => owner[name]!);
  spied.forEach(([owner, name, costOf], at) => {
    owner[name] = function counted(this: unknown, ...args: unknown[]) {
      const result = originals[at]!.apply(this, args);
      count += costOf(this, args, result);
      return result;
    };
  });
  try {
    work();
  } finally {
    spied.forEach(([owner, name], at) => (owner[name] = originals[at]!));
  }
  return count;
}

const bigFrames: Record<string, (size: number) => string> = {
  "a body": (size) => `MESSAGE\nsubscription:1\n\n${"x".repeat(size)}\0`,
  "a counted body": (size) => `MESSAGE\ncontent-length:${3 * size}\n\n${"안".repeat(size)}\0`,
  "a header": (size) => `MESSAGE\nname:${"x".repeat(size)}\n\n\0`,
  headers: (size) => `MESSAGE\n${"name:value\n".repeat(size / 10)}\n\0`,
};

test.each(Object.keys(bigFrames))("StompParser does work in proportion to %s in small pieces", (name) => {
  const workFor = (size: number): number => {
    const text = bigFrames[name]!(size);
    const pieces = Array.from({ length: Math.ceil(text.length / 7) }, (_, at) => text.slice(7 * at, 7 * at + 7));
    const parser = new StompParser();
    let frameCount = 0;
    const work = workOf(() => {
      for (const piece of pieces) frameCount += parser.push(piece).length;
    });
    expect(frameCount).toBe(1);
    return work;
  };
  expect(workFor(64_000) / workFor(8_000)).toBeLessThan(8.5);
});

test("StompParser counts a character that comes in two halves", () => {
  const parser = new StompParser();
  const text = `MESSAGE\ncontent-length:9\n\n\uD83C\uDF89\uD83Cab\0`;
  const items = text.split("").flatMap((unit) => parser.push(unit));
  expect(items).toMatchObject([{ body: "\uD83C\uDF89\uD83Cab" }]);
  expect(parser.pendingLength).toBe(0);
});

test("StompParser cuts what it quotes so that one sees it", () => {
  const read = (): unknown => new StompParser("1.2").push(`${"X1".repeat(40)}\n`);
  expect(read).toThrow(`Cannot read a frame: command "${"X1".repeat(20)}…"`);
});
