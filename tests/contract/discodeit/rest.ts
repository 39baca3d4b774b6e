// Proofs of contract/discodeit/rest.ts. All statuses here are SHOULD: servers of the field answer much of this with 500.

import { fetchCsrf } from "../../../systems/discodeit/client.ts";
import { randomUUID } from "node:crypto";
import type { rest as area } from "../../../contract/discodeit/rest.ts";
import { requestIdHeader } from "../../../systems/discodeit/wire.ts";
import { jsonOf, type Answer, type RequestOptions } from "../../../drivers/rest.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { rely, type Step } from "../../../runner/steps.ts";
import type { World } from "../../../runner/world.ts";
import { accepted } from "../steps/tokens.ts";
import { noted } from "./channels.ts";
import { ago, statusOf } from "./reads.ts";
import { discodeitOf, posted, signUp } from "../steps/discodeit.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Attempt = readonly [method: Method, path: string, options?: RequestOptions];

async function eachIs(
  world: World,
  caller: Account,
  statuses: number | readonly number[],
  attempts: readonly Attempt[],
): Promise<void> {
  const allowed = [statuses].flat();
  for (const [method, path, options] of attempts) {
    const answer = await caller.rest.request(method, path, options);
    if (method === "POST" && path.startsWith("/api/channels/")) noted(world, answer, caller);
    claim(allowed.includes(answer.status), `${method} ${path} was answered ${answer.status}`);
  }
}

/**
 * The control of the refusals below: what they ask for wrongly is answered when it is asked for rightly. Without it a
 * server that has none of these endpoints, or answers 400 to everything, would do everything right.
 */
async function answersWhatIsRight(world: World): Promise<void> {
  const [alice, bob] = await world.accounts(2);
  const channel = await world.privateChannel(alice, bob);
  const file = { name: "control.txt", contentType: "text/plain", bytes: Buffer.from("control") };
  const message = await posted(world, alice, channel, world.marker(), { attachments: [file] });
  const fileId = message.attachments?.[0]?.id;
  rely("attach files", fileId !== undefined, "a message with a file has no attachments");
  const status = await statusOf(world, alice, channel);
  const attempts: (readonly [Step, ...Attempt])[] = [
    ["list channels", "GET", `/api/channels?userId=${alice.id}`],
    ["read the history", "GET", `/api/messages?channelId=${channel.id}`],
    ["read a file's metadata", "GET", `/api/binaryContents/${fileId}`],
    ["read the metadata of several files", "GET", `/api/binaryContents?binaryContentIds=${fileId}`],
    ["list notifications", "GET", "/api/notifications"],
    [
      "change a read status",
      "PATCH",
      `/api/readStatuses/${status.id}`,
      { json: { newLastReadAt: ago(world, 5), newNotificationEnabled: true } },
    ],
    ["change a message", "PATCH", `/api/messages/${message.id}`, { json: { newContent: world.marker() } }],
    ["delete a message", "DELETE", `/api/messages/${message.id}`],
  ];
  for (const [name, method, path, options] of attempts) {
    const answer = await alice.rest.request(method, path, options);
    rely(name, accepted(answer), `the control, ${method} ${path}, was answered ${answer.status}`);
  }
}

/** A form whose one part is text of our choice, said to be JSON. */
const formOf = (part: string, text: string): RequestOptions => ({
  text: `--rollcall\r\nContent-Disposition: form-data; name="${part}"\r\nContent-Type: application/json\r\n\r\n${text}\r\n--rollcall--\r\n`,
  contentType: "multipart/form-data; boundary=rollcall",
});

const jsonText = (text: string): RequestOptions => ({ text, contentType: "application/json" });

/** One request for each kind of refusal: its status, and what came. */
async function refusals(world: World): Promise<[status: number, answer: Answer][]> {
  const [alice, bob] = await world.accounts(2);
  const system = discodeitOf(world);
  const withoutCsrf = await alice.rest.request("POST", "/api/channels/private", {
    json: { participantIds: [alice.id, bob.id] },
    csrf: false,
  });
  noted(world, withoutCsrf, alice);
  return [
    [400, await alice.rest.request("POST", "/api/channels/private", jsonText('{"participantIds":['))],
    [400, await alice.rest.request("GET", `/api/messages?channelId=${encodeURIComponent("' OR 1=1 --")}`)],
    [400, (await signUp(world, world.newcomer({ password: "short" }))).answer],
    [401, await world.stranger().request("GET", "/api/users", { bearer: `${alice.rest.accessToken!}x` })],
    [403, withoutCsrf],
    [403, await system.publicChannelAnswer(alice.rest, world.name("no"), "")],
    [404, await alice.rest.request("GET", `/api/binaryContents/${randomUUID()}`)],
    [404, await alice.rest.request("GET", "/api/rollcall-no-such-route")],
    [409, (await signUp(world, world.newcomer({ username: alice.username }))).answer],
  ];
}

export const rest: Proofs<typeof area> = {
  "rest.request-id": async (world) => {
    const [alice] = await world.accounts(1);
    const list = [
      await alice.rest.request("GET", "/api/users"),
      await alice.rest.request("GET", "/api/users"),
      await fetchCsrf(world.stranger()),
    ];
    const seen = new Set<string>();
    for (const { status, headers } of [...list, ...(await refusals(world)).map(([, answer]) => answer)]) {
      const id = headers.get(requestIdHeader);
      claim(id !== null && id !== "", `an answer ${status} has no ${requestIdHeader}`);
      claim(!seen.has(id), `${requestIdHeader} ${id} came twice`);
      seen.add(id);
    }
  },

  "rest.errors-have-one-shape": async (world) => {
    // That each is refused, and with which status, is for other clauses to say.
    const errors = (await refusals(world)).map(([, answer]) => answer).filter(({ status }) => status >= 400);
    claim(errors.length > 0, "none of the requests that must be refused was");
    for (const answer of errors) {
      const parsed = discodeitOf(world).schemas.error.safeParse(jsonOf(answer, `the body of a ${answer.status}`));
      claim(
        parsed.success && parsed.data.status === answer.status,
        () => `the body of a ${answer.status} is ${answer.text.slice(0, 300)}`,
      );
    }
  },

  "rest.unparsable-json-is-400": async (world) => {
    await answersWhatIsRight(world);
    const [alice] = await world.accounts(1);
    await eachIs(world, alice, 400, [
      ["POST", "/api/channels/private", jsonText('{"participantIds":[')],
      ["POST", "/api/readStatuses", jsonText("{'userId': 1}")],
      ["PATCH", `/api/messages/${randomUUID()}`, jsonText("newContent")],
      ["POST", "/api/messages", formOf("messageCreateRequest", '{"content":')],
      ["POST", "/api/users", formOf("userCreateRequest", "{")],
    ]);
  },

  "rest.missing-parameter-is-400": async (world) => {
    await answersWhatIsRight(world);
    const [alice] = await world.accounts(1);
    await eachIs(world, alice, 400, [
      ["GET", "/api/channels"],
      ["GET", "/api/messages"],
      ["GET", "/api/readStatuses"],
      ["GET", "/api/binaryContents"],
      ["POST", "/api/messages", formOf("another", "{}")],
      ["POST", "/api/users", formOf("another", "{}")],
    ]);
  },

  "rest.malformed-uuid-is-400": async (world) => {
    await answersWhatIsRight(world);
    const [alice] = await world.accounts(1);
    await eachIs(world, alice, 400, [
      ["GET", "/api/channels?userId=no-uuid"],
      ["GET", "/api/messages?channelId=no-uuid"],
      ["GET", "/api/readStatuses?userId=no-uuid"],
      ["GET", "/api/binaryContents/no-uuid"],
      ["GET", "/api/binaryContents?binaryContentIds=no-uuid"],
      ["DELETE", "/api/channels/no-uuid"],
      ["DELETE", "/api/messages/no-uuid"],
      ["DELETE", "/api/notifications/no-uuid"],
      ["DELETE", "/api/users/no-uuid"],
      ["PATCH", "/api/readStatuses/no-uuid", { json: { newLastReadAt: ago(world, 5), newNotificationEnabled: true } }],
    ]);
  },

  "rest.unknown-id-is-404": async (world) => {
    await answersWhatIsRight(world);
    const [alice] = await world.accounts(1);
    const id = randomUUID();
    // Here somebody may be refused before the id is looked up.
    await eachIs(
      world,
      alice,
      [403, 404],
      [
        ["DELETE", `/api/users/${id}`],
        ["DELETE", `/api/channels/${id}`],
      ],
    );
    await eachIs(world, alice, 404, [
      ["POST", "/api/channels/private", { json: { participantIds: [alice.id, id] } }],
      ["GET", `/api/messages?channelId=${id}`],
      [
        "POST",
        "/api/messages",
        {
          multipart: [
            { name: "messageCreateRequest", json: { content: world.marker(), channelId: id, authorId: alice.id } },
          ],
        },
      ],
      ["PATCH", `/api/messages/${id}`, { json: { newContent: world.marker() } }],
      ["DELETE", `/api/messages/${id}`],
      ["POST", "/api/readStatuses", { json: { userId: alice.id, channelId: id, lastReadAt: ago(world, 5) } }],
      ["PATCH", `/api/readStatuses/${id}`, { json: { newLastReadAt: ago(world, 5), newNotificationEnabled: true } }],
      ["GET", `/api/binaryContents/${id}`],
      ["GET", `/api/binaryContents/${id}/download`],
      ["DELETE", `/api/notifications/${id}`],
    ]);
  },

  "rest.errors-reveal-nothing": async (world) => {
    for (const [, { status, text, headers }] of await refusals(world)) {
      const leak =
        /\bat [\w$.]+\(|\.java:\d|\b(org|com|java|jakarta|kotlin)\.\w+\.\w+|\b(SELECT|INSERT|UPDATE|DELETE) .*\b(FROM|INTO|SET)\b|node_modules|file:\/\/|\/(usr|home|app|var)\//.exec(
          text,
        );
      claim(
        leak === null,
        () =>
          `the body of a ${status} reveals ${JSON.stringify(text.slice(Math.max(0, leak!.index - 40), leak!.index + 80))}`,
      );
      claim(!/eyJ[\w-]{10,}\./.test(text + (headers.get("location") ?? "")), `the body of a ${status} holds a token`);
    }
  },
};
