import { expect, test } from "vitest";
import { eventNames, systemNames } from "../systems/discodeit/wire.ts";
import { fileState, happeningOf, namesOf, sessionOf, systemOf, type FileDto } from "./wire.ts";

const user = { id: "1", username: "안" };
const tokenWith = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

test("systemOf() knows the revision by what the CSRF endpoint answers", () => {
  expect(systemOf('{"headerName":"X-XSRF-TOKEN","parameterName":"_csrf","token":"abc"}')).toBe("discodeit-1");
  expect(systemOf("")).toBe("discodeit-2");
});

test("sessionOf() reads the token of revision 1, as JSON or bare, and the body of revision 2", () => {
  const token = tokenWith({ sub: "안", userDto: user });
  for (const text of [JSON.stringify(token), token]) expect(sessionOf(text)).toEqual({ accessToken: token, user });
  const bare = tokenWith({ sub: "안" });
  expect(sessionOf(JSON.stringify({ userDto: user, accessToken: bare }))).toEqual({ accessToken: bare, user });
  expect(() => sessionOf(JSON.stringify(bare))).toThrow("no user");
});

test("fileState() reads the field and the words of each revision", () => {
  const file = (fields: Partial<FileDto>): FileDto => ({ id: "1", fileName: "", size: 0, contentType: "", ...fields });
  expect(fileState("discodeit-1", file({ uploadStatus: "SUCCESS" }))).toBe("ready");
  expect(fileState("discodeit-1", file({ uploadStatus: "FAILED" }))).toBe("failed");
  expect(fileState("discodeit-2", file({ status: "PROCESSING" }))).toBe("waiting");
  expect(fileState("discodeit-2", file({ status: "FAIL" }))).toBe("failed");
});

test.each(systemNames)("%s: each event means something, and one that says nothing asks again", (system) => {
  for (const name of namesOf(system)) expect(happeningOf(system, name, "{}").kind).not.toBe("other");
  expect(happeningOf(system, "foreign", "{}").kind).toBe("other");
  expect(happeningOf(system, eventNames[system].channelDeleted, "no JSON").kind).toBe("channels");
});

test("events of revision 1 ask the page to look again, those of revision 2 carry what changed", () => {
  expect(happeningOf("discodeit-1", "channels.refresh", '{"channelId":"7"}')).toEqual({ kind: "channels" });
  expect(happeningOf("discodeit-2", "channels.updated", '{"id":"7"}')).toEqual({
    kind: "channel",
    channel: { id: "7" },
  });
  expect(happeningOf("discodeit-2", "channels.deleted", '{"id":"7"}')).toEqual({ kind: "channel-gone", id: "7" });
  expect(happeningOf("discodeit-2", "users.deleted", '{"id":"7"}')).toEqual({ kind: "user-gone", id: "7" });
});
