import { expect, test } from "vitest";
import { HarnessError, TargetError } from "../drivers/errors.ts";
import { openHttpServer } from "../drivers/tiny-server.ts";
import { Network } from "../drivers/network.ts";
import { Secrets, Transcript } from "../drivers/transcript.ts";
import { defineSystem } from "../systems/define.ts";
import type { SystemDefinition } from "../systems/types.ts";
import { Speaker, type Speaking } from "./speaker.ts";

const definition: SystemDefinition = {
  name: "toy",
  accounts: { signUp: (http) => http.post("/members") },
  rooms: { access: "anyone", open: () => Promise.resolve({ id: 7 }) },
  stomp: {
    url: "/ws",
    connect: ({ bearer }) => ({ Authorization: `Bearer ${bearer}` }),
    destinations: ({ id }) => [`/topic/${id}`],
    send: ({ room, text }) => ({ destination: `/app/${room.id}`, body: { text } }),
    textOf: (message) => message.text.toString(),
  },
};

/** A speaker of this definition with changes, and somebody at a server that answers everything with this. */
async function speaking(
  changes: Partial<SystemDefinition>,
  work: (speaker: Speaker, who: Speaking) => Promise<unknown>,
  status = 200,
): Promise<unknown> {
  await using server = await openHttpServer((_, response) => void response.writeHead(status).end('{"id":"u1"}'));
  const network = new Network();
  const speaker = new Speaker(defineSystem({ ...definition, ...changes }));
  const rest = speaker.client({
    baseUrl: server.url,
    network,
    transcript: new Transcript(new Secrets(), 5),
    label: "A",
  });
  try {
    return await work(speaker, { username: "ann", email: "a@b.example", password: "secret", id: "", rest });
  } finally {
    await network.close();
  }
}

test.each([
  ["no credential", {}, /accounts\.logIn of the system "toy": it gives no credential/],
  ["a bearer that is undefined", { bearer: "undefined\n" }, /the bearer token is "undefined\\n"/],
])("Speaker.logIn() refuses %s, and blames the definition", async (_, credential, words) => {
  const accounts = { ...definition.accounts, logIn: () => Promise.resolve(credential) };
  const error = await speaking({ accounts }, (speaker, who) => speaker.logIn(who)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HarnessError);
  expect((error as Error).message).toMatch(words);
});

test("Speaker names the function that threw, and lets the target's own refusals be the target's", async () => {
  const thrown = { ...definition.rooms!, open: () => Promise.reject(new TypeError("x is not a function")) };
  await expect(speaking({ rooms: thrown }, (speaker, who) => speaker.openRoom(who, []))).rejects.toThrow(
    /rooms\.open of the system "toy": it threw TypeError: x is not a function/,
  );
  const refused = await speaking({}, (speaker, who) => speaker.signUp(who), 503).catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(TargetError);
  expect(refused).toMatchObject({
    status: 503,
    message: 'Cannot sign up (accounts.signUp): POST /members was answered 503 "{\\"id\\":\\"u1\\"}"',
  });
});

test("Speaker.openRoom() wants an id, and no header may say undefined", async () => {
  const nameless = { ...definition.rooms!, open: () => Promise.resolve({} as { id: string }) };
  await expect(speaking({ rooms: nameless }, (speaker, who) => speaker.openRoom(who, []))).rejects.toThrow(
    'rooms.open of the system "toy": it gives no room with an id, but {}',
  );
  await expect(
    speaking({}, (speaker, who) => Promise.resolve().then(() => speaker.connectHeaders(who))),
  ).rejects.toThrow('the header Authorization would be "Bearer undefined"');
});

test("Speaker.heardIn() reads what is JSON, and takes a message that textOf breaks on for another kind", async () => {
  await speaking({}, (speaker) => {
    expect(speaker.heardIn('{"text":"hi"}')).toMatchObject({ text: "hi", id: undefined });
    expect(speaker.heardIn('{"type":"JOIN"}')).toMatchObject({ text: undefined });
    expect(speaker.heardIn("no JSON")).toBeUndefined();
    return Promise.resolve();
  });
});

test("Speaker.streamOf() puts token and last id where the definition says", async () => {
  const events = {
    url: "/events?kind=all",
    auth: { query: "token" },
    lastId: { header: false, query: ["from"] },
    causes: { room: { receivers: "members" as const, cause: () => Promise.resolve({ key: 1 }) } },
  };
  await speaking({ events }, (speaker, who) => {
    who.rest.accessToken = "t1";
    expect(speaker.streamOf(who, { lastEventId: "5" })).toEqual({
      url: "/events?kind=all&token=t1&from=5",
      headers: {},
    });
    expect(speaker.streamOf(who, { bearer: false })).toEqual({ url: "/events?kind=all", headers: {} });
    return Promise.resolve();
  });
});
