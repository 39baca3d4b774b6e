import { Readable } from "node:stream";
import { setImmediate as round } from "node:timers/promises";
import { expect, test } from "vitest";
import { Problem } from "../domain/problem.ts";
import { attachmentHeader } from "./files.ts";
import { jsonPart, readForm, type Form } from "./multipart.ts";

const boundary = "----rollcall";
const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
const options = { fileParts: ["attachments"], filesMax: 2, fileBytesMax: 1_000 };

const part = (disposition: string, body: string, type = ""): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${type === "" ? "" : `Content-Type: ${type}\r\n`}\r\n${body}\r\n`;
const end = `--${boundary}--\r\n`;

function read(
  body: string,
  pieceBytes = body.length * 4,
  hold: (byteCount: number) => Promise<void> | undefined = () => undefined,
): Promise<Form> {
  const bytes = Buffer.from(body);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return readForm(Readable.from(pieces, { objectMode: false }), headers, options, hold);
}

const statusOf = async (form: Promise<Form>): Promise<number | undefined> => {
  const error: unknown = await form.then(() => undefined).catch((reason: unknown) => reason);
  return error instanceof Problem ? error.status : undefined;
};

const whole =
  part('name="messageCreateRequest"', '{"content":"세계"}', "application/json") +
  part('name="attachments"; filename="보고서.txt"', "one\r\n--not the end", "text/plain; charset=utf-8") +
  part("name=\"attachments\"; filename*=UTF-8''b%00%0A.bin", "", "application/<b>") +
  part('name="other"; filename="x"', "ignored", "text/plain") +
  end;

test.each([
  ["whole", 100_000],
  ["byte by byte", 1],
  ["in twos", 2],
])("readForm() reads a form %s", async (_, pieceBytes) => {
  const form = await read(whole, pieceBytes);
  expect(jsonPart(form, "messageCreateRequest")).toEqual({ content: "세계" });
  expect(form.files).toEqual([
    { fileName: "보고서.txt", contentType: "text/plain", bytes: Buffer.from("one\r\n--not the end") },
    { fileName: "b.bin", contentType: "text/plain", bytes: Buffer.alloc(0) },
  ]);
});

test("readForm() takes a JSON part plain, typed, or as a file", async () => {
  for (const text of [
    part('name="json"', "{}"),
    part('name="json"', "{}", "application/json"),
    part('name="json"; filename="blob"', "{}", "application/json"),
  ]) {
    expect(jsonPart(await read(text + end), "json")).toEqual({});
  }
});

test("readForm() ignores an empty file without a name", async () => {
  expect((await read(part('name="attachments"; filename=""', "", "application/octet-stream") + end)).files).toEqual([]);
});

test("readForm() keeps the order of files", async () => {
  const body = [1, 2]
    .map((number) => part(`name="attachments"; filename="${number}"`, String(number).repeat(500), "text/plain"))
    .join("");
  expect((await read(body + end, 7)).files.map((file) => file.fileName)).toEqual(["1", "2"]);
});

test("readForm() refuses too large, too many, cut off, without a boundary", async () => {
  const file = (bytes: number): string => part('name="attachments"; filename="a"', "x".repeat(bytes), "text/plain");
  expect((await read(file(1_000) + end)).files).toHaveLength(1);
  expect(await statusOf(read(file(1_001) + end))).toBe(413);
  expect(await statusOf(read(file(1) + file(1) + file(1) + end))).toBe(413);
  expect(await statusOf(read(part('name="json"', "x".repeat(1024 * 1024 + 1)) + end))).toBe(413);
  expect(
    await statusOf(read(Array.from({ length: 25 }, (_, index) => part(`name="f${index}"`, "")).join("") + end)),
  ).toBe(413);
  for (const cut of [whole.length - 4, 300, 60]) expect(await statusOf(read(whole.slice(0, cut)))).toBe(400);
  expect(() =>
    readForm(Readable.from([]), { "content-type": "multipart/form-data" }, options, () => undefined),
  ).toThrow(Problem);
});

test("readForm() stops when no memory is left", async () => {
  const full = new Error("full");
  const form = read(whole, 10, () => {
    throw full;
  });
  await expect(form).rejects.toBe(full);
});

test("readForm() takes the next piece when it may, and not before", async () => {
  let turn = Promise.withResolvers<void>();
  let heldCount = 0;
  const form = read(whole, 100, () => {
    heldCount += 1;
    return turn.promise;
  });
  for (const count of [1, 2, 3]) {
    await round();
    expect(heldCount).toBe(count);
    const before = turn;
    turn = Promise.withResolvers();
    before.resolve();
  }
  await round();
  turn.resolve();
  expect((await form).files.length).toBe(2);
});

test("jsonPart() refuses a missing part and one that is no JSON", async () => {
  const form = await read(part('name="json"', "{nope") + end);
  expect(() => jsonPart(form, "json")).toThrow("no JSON");
  expect(() => jsonPart(form, "other")).toThrow(Problem);
});

test("attachmentHeader() names the file for old and new clients", () => {
  expect(attachmentHeader("a b.txt")).toBe('attachment; filename="a b.txt"');
  expect(attachmentHeader("보고.txt")).toBe(`attachment; filename="__.txt"; filename*=UTF-8''%EB%B3%B4%EA%B3%A0.txt`);
  expect(attachmentHeader("q\"\\'(*).txt")).toBe(
    `attachment; filename="q__'(*).txt"; filename*=UTF-8''q%22%5C%27%28%2A%29.txt`,
  );
});
