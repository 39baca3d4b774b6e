// Proofs of contract/shared/connect.ts.

import type { connect as area } from "../../../contract/shared/connect.ts";
import { headerOf, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, type Proofs } from "../../../runner/proof.ts";
import { awaitError } from "./subscribe.ts";
import type { World } from "../../../runner/world.ts";

/** Tokens that nobody issued: garbage, a changed signature, a changed payload, `alg: none`. */
export function forgedTokens(token: string): string[] {
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  return [
    "garbage",
    `${header}.${payload}.${flipped}`,
    `${header}.${payload}.`,
    `${header}.${encode({ ...claims, exp: 4_102_444_800, role: "ADMIN" })}.${signature}`,
    `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
    `${encode({ alg: "None", typ: "JWT" })}.${payload}.${signature}`,
  ];
}

/**
 * The first frame; undefined when the connection was closed instead, whose close may also win the race against ERROR.
 */
async function answerOf(connection: StompConnection, deadlineMs: number): Promise<StompFrame | undefined> {
  try {
    return await connection.inbox.awaitItem("an answer to CONNECT", () => true, deadlineMs);
  } catch (error) {
    if (!(error instanceof TargetError && connection.closeInfo !== undefined)) throw error;
    return undefined;
  }
}

/**
 * Sends CONNECT and requires that CONNECTED never comes: ERROR, a close, or both. Silence is no refusal, except that
 * some brokers never answer; then a SUBSCRIBE must not be live either, which `subscribe.unauthenticated-hears-nothing`
 * checks.
 */
async function refusedConnect(
  world: World,
  connection: StompConnection,
  headers: Record<string, string>,
  what: string,
  command: "CONNECT" | "STOMP" = "CONNECT",
): Promise<void> {
  connection.sendFrame(command, { "accept-version": "1.2", "heart-beat": "0,0", ...headers });
  const answer = await answerOf(connection, world.deadlineMs);
  claim(
    answer === undefined || answer.command === "ERROR",
    () => `${what} was answered ${answer?.command}`,
    diagnoses.anonymousConnect,
  );
}

/** The control of refusals: somebody with a good token is let in. */
async function connects(world: World): Promise<Account> {
  const [alice] = await world.accounts(1);
  await world.stomp(alice);
  return alice;
}

export const connect: Proofs<typeof area> = {
  "connect.with-a-token": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice);
  },

  "connect.without-a-token": async (world) => {
    await connects(world);
    await refusedConnect(world, await world.openStomp("anonymous"), {}, "CONNECT without a token");
  },

  "connect.with-a-bad-token": async (world) => {
    const [alice] = await world.accounts(1);
    for (const token of forgedTokens(alice.rest.accessToken!)) {
      await refusedConnect(
        world,
        await world.openStomp("forger"),
        { Authorization: `Bearer ${token}` },
        "CONNECT with a forged token",
      );
    }
    await world.stomp(alice); // the control: the token that they were made from is good
  },

  "connect.with-an-ended-token": async (world) => {
    const account = await world.disposable();
    await world.stomp(account);
    const token = account.rest.accessToken!;
    await world.system.logOutAnswer(account.rest);
    await refusedConnect(
      world,
      await world.openStomp("ended"),
      { Authorization: `Bearer ${token}` },
      "CONNECT with the token of an ended login",
    );
  },

  "connect.stomp-frame-is-checked": async (world) => {
    const [alice] = await world.accounts(1);
    await world.stomp(alice, { command: "STOMP" });
    await refusedConnect(world, await world.openStomp("anonymous"), {}, "STOMP without a token", "STOMP");
    await refusedConnect(
      world,
      await world.openStomp("forger"),
      { Authorization: "Bearer garbage" },
      "STOMP with a garbage token",
      "STOMP",
    );
  },

  "connect.header-name-is-exact": async (world) => {
    const alice = await connects(world);
    await refusedConnect(
      world,
      await world.openStomp("lower case"),
      { authorization: `Bearer ${alice.rest.accessToken}` },
      "CONNECT with a lower-case authorization header",
    );
  },

  "connect.refusal-is-error-then-close": async (world) => {
    await connects(world);
    const connection = await world.openStomp("anonymous");
    connection.sendFrame("CONNECT", { "accept-version": "1.2" });
    await awaitError(world, connection, "a refused CONNECT");
  },

  "connect.error-reveals-nothing": async (world) => {
    const alice = await connects(world);
    const texts: string[] = [];
    for (const token of forgedTokens(alice.rest.accessToken!)) {
      const connection = await world.openStomp("forger");
      connection.sendFrame("CONNECT", { "accept-version": "1.2", Authorization: `Bearer ${token}` });
      await answerOf(connection, world.deadlineMs);
      await world.settle();
      for (const frame of connection.frames("ERROR"))
        texts.push(`${frame.headers.map(([name, value]) => `${name}:${value}`).join(" ")} ${frame.body}`);
      if (connection.closeInfo !== undefined) texts.push(connection.closeInfo.reason);
      claim(!texts.some((text) => token.length > 20 && text.includes(token)), "ERROR repeats the token");
    }
    claim(texts.length > 0, "no CONNECT with a forged token was refused");
    const leak = texts.find((text) =>
      /Exception|ExecutorSubscribableChannel|\bat [\w.]+\(|SELECT |node_modules|\/(usr|home|app|var)\//.test(text),
    );
    claim(leak === undefined, () => `ERROR reveals internals: ${leak!.slice(0, 200)}`);
  },

  "connect.first-frame": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const channel = await world.privateChannel(alice, bob);
    const member = await world.stomp(bob);
    const heard = await world.subscribe(member, channel);
    const [early, sender] = await Promise.all([world.openStomp("early"), world.openStomp("early sender")]);
    const secret = world.marker("early");
    early.sendFrame("SUBSCRIBE", { id: "early", destination: channel.destination });
    world.sendMessage(sender, alice, channel, secret);
    await early.awaitClose(world.deadlineMs);
    await sender.awaitClose(world.deadlineMs);
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await world.hear(heard, fence);
    await world.settle();
    claim(world.heardCount(heard, secret) === 0, "a SEND before CONNECT was delivered", diagnoses.anonymousConnect);
    claim(
      early.frames("MESSAGE").length === 0,
      "a SUBSCRIBE before CONNECT hears messages",
      diagnoses.anonymousConnect,
    );
  },

  "connect.twice": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const connection = await world.stomp(alice);
    connection.sendFrame("CONNECT", { "accept-version": "1.2", Authorization: `Bearer ${bob.rest.accessToken}` });
    try {
      await connection.inbox.awaitItem(
        "a second CONNECTED",
        () => connection.frames("CONNECTED").length > 1,
        Math.min(1_000, world.deadlineMs),
      );
    } catch (error) {
      claim(error instanceof TimeoutError || error instanceof TargetError, String(error));
      return;
    }
    claim(false, "a second CONNECT was answered CONNECTED");
  },

  "connect.highest-common-version": async (world) => {
    const [alice] = await world.accounts(1);
    for (const [offer, best] of [
      ["1.0,1.1,1.2", "1.2"],
      ["1.2,1.1,1.0", "1.2"],
      ["1.1,1.0", "1.1"],
      ["1.1", "1.1"],
      ["1.0", "1.0"],
    ] as const) {
      const connection = await world.openStomp(alice.label);
      const connected = await connection.connect({
        headers: { "accept-version": offer, Authorization: `Bearer ${alice.rest.accessToken}` },
        deadlineMs: world.deadlineMs,
      });
      const version = headerOf(connected, "version") ?? "1.0";
      claim(version === best, `accept-version:${offer} was answered version:${version}, not ${best}`);
    }
  },

  "connect.no-common-version": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.openStomp(alice.label);
    connection.sendFrame("CONNECT", { "accept-version": "2.0,9.9", Authorization: `Bearer ${alice.rest.accessToken}` });
    const answer = await connection.inbox.awaitItem("ERROR for an unknown version", () => true, world.deadlineMs);
    claim(answer.command === "ERROR", `accept-version:2.0,9.9 was answered ${answer.command}`);
    claim(headerOf(answer, "version") !== undefined, "ERROR names no supported versions in its version header");
    await connection.awaitClose(world.deadlineMs);
  },

  "connect.heart-beat-offer": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.openStomp(alice.label);
    const connected = await connection.connect({
      headers: { Authorization: `Bearer ${alice.rest.accessToken}` },
      deadlineMs: world.deadlineMs,
    });
    const offer = headerOf(connected, "heart-beat");
    claim(offer === "10000,10000", `CONNECTED says heart-beat:${offer ?? "nothing"}`);
  },

  "connect.heart-beats-flow": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice, { headers: { "heart-beat": "4000,4000" } });
    connection.startHeartBeats(4_000);
    // Two intervals of 10 s and a half: at least two beats.
    await silence(world, connection, 25_000);
    claim(
      connection.heartBeatCount >= 2,
      `${connection.heartBeatCount} heart-beats came within 25 s though every 10 s was promised`,
    );
  },

  "connect.silent-client-is-dropped": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice, { headers: { "heart-beat": "10000,0" } });
    await connection.awaitClose(31_000);
  },

  "connect.no-heart-beats-unasked": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice, { headers: { "heart-beat": "0,0" } });
    await silence(world, connection, 35_000);
    claim(connection.heartBeatCount === 0, `${connection.heartBeatCount} heart-beats came though none was asked for`);
  },

  "connect.disconnect-receipt": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice);
    await connection.sendAndAwaitReceipt("DISCONNECT", {}, "", world.deadlineMs);
  },

  "connect.disconnect-without-receipt": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice);
    connection.sendFrame("DISCONNECT", {});
    await connection.awaitClose(world.deadlineMs);
    claim(connection.frames("ERROR").length === 0, "DISCONNECT without receipt was answered with ERROR");
  },
};

/** Time itself is the subject: the connection must live through it. */
async function silence(world: World, connection: StompConnection, durationMs: number): Promise<void> {
  try {
    await connection.awaitClose(durationMs);
  } catch (error) {
    if (error instanceof TimeoutError) return;
    throw error;
  }
  claim(false, `the connection was closed (${connection.closeInfo?.code}) within ${durationMs} ms`);
}
