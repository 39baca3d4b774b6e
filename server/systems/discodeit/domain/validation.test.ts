import { expect, test } from "vitest";
import { Problem } from "./problem.ts";
import {
  messageSchema,
  pageSchema,
  parse,
  publicChannelSchema,
  readStatusSchema,
  signUpSchema,
  userUpdateSchema,
} from "./validation.ts";

const user = { username: "name", email: "a@b.org", password: "passw0rd!" };
const id = "0190f3c2-0000-7000-8000-00000000abcd";

/** The field names that a refusal complains of. */
function complaints(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 400) throw error;
    return Object.keys(error.details ?? {});
  }
}

test("signUpSchema accepts the limits and refuses what is beyond", () => {
  const accepted = [
    { username: "abc" },
    { username: "x".repeat(50) },
    { password: "a1!45678" },
    { password: `a1!${"x".repeat(57)}` },
    { email: `${"a".repeat(60)}@${"b".repeat(35)}.org` },
  ];
  for (const change of accepted) expect(complaints(() => parse(signUpSchema, { ...user, ...change }))).toEqual([]);
  const refused: [string, unknown][] = [
    ["username", ""],
    ["username", "ab"],
    ["username", "   a   "],
    ["username", "x".repeat(51)],
    ["username", "a\0bc"],
    ["username", "abc\ud800"],
    ["username", "ab\u200bc"],
    ["username", "\u0430dmin"],
    ["username", "ab\tc"],
    ["username", "\u3164\u3164\u3164"],
    ["username", null],
    ["email", "a"],
    ["email", `${"a".repeat(97)}@b.org`],
    ["password", "a1!4567"],
    ["password", `a1!${"x".repeat(58)}`],
    ["password", "12345678!"],
    ["password", "abcdefgh!"],
    ["password", "abcdefg1"],
  ];
  for (const [field, value] of refused)
    expect(
      complaints(() => parse(signUpSchema, { ...user, [field]: value })),
      `${field} ${JSON.stringify(value)}`,
    ).toEqual([field]);
});

test("signUpSchema keeps a name in its compatibility form, and Korean as it is", () => {
  expect(parse(signUpSchema, { ...user, username: " ａｂｃ " }).username).toBe("abc");
  expect(parse(signUpSchema, { ...user, username: "홍길동" }).username).toBe("홍길동");
});

test("publicChannelSchema refuses what cannot be seen in a name, not emoji", () => {
  for (const name of ["ab\u200b", "a\nb", "\u202eab"])
    expect(complaints(() => parse(publicChannelSchema, { name }))).toEqual(["name"]);
  for (const name of ["공지사항", "👨‍👩‍👧 family", "Иван & Ann"])
    expect(complaints(() => parse(publicChannelSchema, { name }))).toEqual([]);
});

test("parse() names the body when it is no object", () => {
  for (const body of [undefined, null, "text", 7, []])
    expect(complaints(() => parse(signUpSchema, body))).toEqual(["body"]);
});

test("userUpdateSchema leaves out what is null or absent", () => {
  expect(parse(userUpdateSchema, {})).toEqual({});
  expect(parse(userUpdateSchema, { newUsername: null, newEmail: null, newPassword: null })).toEqual({
    newUsername: null,
    newEmail: null,
    newPassword: null,
  });
  expect(complaints(() => parse(userUpdateSchema, { newUsername: "" }))).toEqual(["newUsername"]);
});

test("messageSchema takes ids in any case and content up to 2000 characters", () => {
  const message = { content: "x".repeat(2_000), channelId: id.toUpperCase(), authorId: id };
  expect(parse(messageSchema, message).channelId).toBe(id);
  expect(complaints(() => parse(messageSchema, { ...message, content: "x".repeat(2_001) }))).toEqual(["content"]);
  expect(complaints(() => parse(messageSchema, { ...message, channelId: "7" }))).toEqual(["channelId"]);
});

test("readStatusSchema refuses the future", () => {
  const status = { userId: id, channelId: id, lastReadAt: new Date(Date.now() + 60_000).toISOString() };
  expect(complaints(() => parse(readStatusSchema, status))).toEqual(["lastReadAt"]);
  expect(complaints(() => parse(readStatusSchema, { ...status, lastReadAt: new Date().toISOString() }))).toEqual([]);
});

test("pageSchema has defaults and bounds", () => {
  expect(parse(pageSchema, { channelId: id })).toMatchObject({ channelId: id, size: 50 });
  expect(
    parse(pageSchema, { channelId: id, size: "200", sort: "createdAt,desc", cursor: "2026-11-21T09:01:07Z" }),
  ).toMatchObject({
    size: 200,
    cursor: "2026-11-21T09:01:07.000000Z",
  });
  for (const [field, value] of [
    ["size", "0"],
    ["size", "201"],
    ["size", "a"],
    ["sort", "createdAt,asc"],
    ["cursor", "x"],
    ["channelId", ["a", "b"]],
  ] as const) {
    expect(complaints(() => parse(pageSchema, { channelId: id, [field]: value }))).toEqual([field]);
  }
});
