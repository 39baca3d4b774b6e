import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHeaders, encodeFrame, escapeHeader, FrameError, FrameParser, type RawFrame } from "./codec.ts";

/** Parses the bytes cut into pieces of this size. */
function parse(bytes: string | Buffer, pieceBytes = Infinity): RawFrame[] {
  const all = Buffer.from(bytes);
  const parser = new FrameParser();
  const frames: RawFrame[] = [];
  const step = Math.min(pieceBytes, Math.max(1, all.length));
  for (let at = 0; at < all.length; at += step) {
    parser.push(all.subarray(at, at + step));
    takeAll(parser, frames);
  }
  return frames;
}

function takeAll(parser: FrameParser, frames: RawFrame[]): void {
  for (let frame = parser.next(); frame; frame = parser.next()) frames.push(frame);
}

const shown = (frames: readonly RawFrame[]): unknown[] =>
  frames.map(({ command, headerLines, body }) => [command, ...headerLines, body.toString()]);

const streams: [string, string, unknown[]][] = [
  ["one frame", "SEND\ndestination:/a\n\nhello\0", [["SEND", "destination:/a", "hello"]]],
  [
    "CR LF after the command and headers",
    "SEND\r\ndestination:/a\r\n\r\nx\r\n\0",
    [["SEND", "destination:/a", "x\r\n"]],
  ],
  [
    "EOLs between frames",
    "\n\n\r\nSEND\n\n\0\n\r\n\nSEND\na:b\n\n\0\n",
    [
      ["SEND", ""],
      ["SEND", "a:b", ""],
    ],
  ],
  [
    "several frames",
    "A\n\n\0B\nx:y\n\nbody\0C\n\n\0",
    [
      ["A", ""],
      ["B", "x:y", "body"],
      ["C", ""],
    ],
  ],
  [
    "NUL inside a body with content-length",
    "SEND\ncontent-length:5\n\na\0b\0c\0",
    [["SEND", "content-length:5", "a\0b\0c"]],
  ],
  ["content-length counts octets", "SEND\ncontent-length:7\n\n한😀\0", [["SEND", "content-length:7", "한😀"]]],
  ["a body that is only line feeds", "SEND\n\n\n\n\0", [["SEND", "\n\n"]]],
  ["a body that ends at the first NUL", "SEND\n\na\0", [["SEND", "a"]]],
];

for (const [name, bytes, frames] of streams) {
  test(`FrameParser takes ${name}: whole, byte by byte and in twos`, () => {
    for (const pieceBytes of [Infinity, 1, 2]) expect(shown(parse(bytes, pieceBytes))).toEqual(frames);
  });
}

const broken: [string, string | Buffer][] = [
  ["wrong octet after a content-length body", "SEND\ncontent-length:1\n\nab\0"],
  ["negative content-length", "SEND\ncontent-length:-1\n\n\0"],
  ["content-length with an exponent", "SEND\ncontent-length:1e3\n\n\0"],
  ["content-length with a sign", "SEND\ncontent-length:+5\n\n\0"],
  ["content-length beyond the limit", "SEND\ncontent-length:70000\n\n"],
  ["enormous content-length", "SEND\ncontent-length:9223372036854775808\n\n"],
  ["CR inside the head", "SEND\rdestination:/a\n\n\0"],
  ["NUL inside the head", "SEND\ndesti\0nation:/a\n\n\0"],
  ["head that is not UTF-8", Buffer.from([0x53, 0xff, 0x0a, 0x0a, 0x00])],
  ["too many headers", `SEND\n${"a:b\n".repeat(65)}\n\0`],
  ["too long a header", `SEND\na:${"x".repeat(5_000)}\n\n\0`],
  ["too long a command", "X".repeat(5_000)],
  ["too long a body without content-length", `SEND\n\n${"x".repeat(70_000)}`],
];

for (const [name, bytes] of broken) {
  test(`FrameParser refuses ${name}: whole, byte by byte and in twos`, () => {
    for (const pieceBytes of [Infinity, 1, 2]) expect(() => parse(bytes, pieceBytes)).toThrow(FrameError);
  });
}

test("FrameParser hands over frames that were complete before the bad one", () => {
  const frames: RawFrame[] = [];
  const parser = new FrameParser();
  parser.push(Buffer.from("A\n\n\0B\rC\n\n\0"));
  expect(() => takeAll(parser, frames)).toThrow(FrameError);
  expect(shown(frames)).toEqual([["A", ""]]);
});

test("FrameParser keeps frames whose turn has not come, and nothing once they were taken", () => {
  const parser = new FrameParser();
  const chunk = Buffer.from("A\n\n\0B\n");
  parser.push(chunk);
  expect(parser.next()?.command).toBe("A");
  parser.push(Buffer.from("\n\0\n\n"));
  expect(parser.keptBytes).toBe(6);
  expect(parser.next()?.command).toBe("B");
  expect(parser.next()).toBeUndefined();
  expect(parser.keptBytes).toBe(0);
});

test("FrameParser copies the beginning of a frame: the chunk it came in may change afterwards", () => {
  const parser = new FrameParser();
  const chunk = Buffer.from("A\n\n\0SEND\nx:y");
  parser.push(chunk);
  parser.next();
  expect(parser.next()).toBeUndefined();
  chunk.fill(0);
  parser.push(Buffer.from("z\n\n\0"));
  expect(shown([parser.next() as RawFrame])).toEqual([["SEND", "x:yz", ""]]);
});

test("FrameParser names the headers that it had read when a frame turned out to be bad", () => {
  const parser = new FrameParser();
  parser.push(Buffer.from("SEND\nreceipt:r\ncontent-length:1\n\nab\0"));
  expect(() => parser.next()).toThrow(
    new FrameError("No NUL after the body that content-length announces", ["receipt:r", "content-length:1"]),
  );
});

test("FrameParser reads back what encodeFrame() wrote, in any pieces", () => {
  const frame = fc.record({
    headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()),
    body: fc.uint8Array({ maxLength: 200 }),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 50 }),
      (sent, pieceBytes) => {
        const bytes = sent.map(({ headers, body }) => {
          const wire = { "content-length": String(body.length) } as Record<string, string>;
          for (const [name, value] of Object.entries(headers)) wire[name] = escapeHeader(value, "1.2");
          return encodeFrame("SEND", wire, body);
        });
        const got = parse(Buffer.concat(bytes), pieceBytes);
        expect(got.length).toBe(sent.length);
        for (const [index, { headers, body }] of sent.entries()) {
          const read = got[index] as RawFrame;
          expect(Buffer.compare(read.body, Buffer.from(body))).toBe(0);
          const decoded = decodeHeaders(read, "1.2");
          for (const [name, value] of Object.entries(headers)) expect(decoded.get(name)).toBe(value);
        }
      },
    ),
    { numRuns: 60 },
  );
});

const frameWith = (...headerLines: string[]): RawFrame => ({ command: "SEND", headerLines, body: Buffer.alloc(0) });

test("decodeHeaders() takes escapes as the version says", () => {
  expect([...decodeHeaders(frameWith("k\\cey:a\\cb\\\\c\\nd\\re"), "1.2")]).toEqual([["k:ey", "a:b\\c\nd\re"]]);
  expect([...decodeHeaders(frameWith("a:\\\\n"), "1.2")]).toEqual([["a", "\\n"]]);
  expect([...decodeHeaders(frameWith("a:x\\cy"), "1.1")]).toEqual([["a", "x:y"]]);
  expect([...decodeHeaders(frameWith("a:x\\ry"), "1.0")]).toEqual([["a", "x\\ry"]]);
  expect(() => decodeHeaders(frameWith("a:\\r"), "1.1")).toThrow(FrameError);
  expect(() => decodeHeaders(frameWith("a:\\t"), "1.2")).toThrow(FrameError);
  expect(() => decodeHeaders(frameWith("a:b\\"), "1.2")).toThrow(FrameError);
});

test("decodeHeaders() unescapes nothing in CONNECT and STOMP", () => {
  for (const command of ["CONNECT", "STOMP"]) {
    const headers = decodeHeaders({ ...frameWith("passcode:a:b\\c\\\\d\\t"), command }, "1.2");
    expect(headers.get("passcode")).toBe("a:b\\c\\\\d\\t");
  }
});

test("decodeHeaders() keeps the first of repeated headers, never trims, allows empty values and raw colons", () => {
  const headers = decodeHeaders(frameWith("a:1", "a:2", "b:", "c: x ", "d:http://h/p"), "1.2");
  expect(Object.fromEntries(headers)).toEqual({ a: "1", b: "", c: " x ", d: "http://h/p" });
});

test("decodeHeaders() refuses lines without a name or a colon", () => {
  for (const line of ["foo", ":bar"]) expect(() => decodeHeaders(frameWith(line), "1.2")).toThrow(FrameError);
});

test("escapeHeader() lets no header content make a line", () => {
  expect(escapeHeader("a:b\nc\\d\r", "1.2")).toBe("a\\cb\\nc\\\\d\\r");
  expect(escapeHeader("a\rb\n", "1.1")).toBe("a b\\n");
  expect(escapeHeader("a\r\nb:c", "1.0")).toBe("a  b:c");
});
