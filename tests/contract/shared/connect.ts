// Proofs of contract/shared/connect.ts.

import { setTimeout as wait } from "node:timers/promises";
import type { connect as area } from "../../../contract/shared/connect.ts";
import { headerOf, type StompFrame } from "../../../drivers/codecs/stomp.ts";
import { TargetError, TimeoutError } from "../../../drivers/errors.ts";
import type { StompConnection } from "../../../drivers/stomp.ts";
import type { Account } from "../../../runner/account-pool.ts";
import { diagnoses } from "../../../runner/diagnosis.ts";
import { claim, Unsupported, Violation, type Proofs } from "../../../runner/proof.ts";
import { own, rely } from "../../../runner/steps.ts";
import { openStranger } from "../steps/strangers.ts";
import { heartBeatsFlow, promised, silence } from "../steps/heart-beats.ts";
import { awaitError } from "../steps/hearing.ts";
import type { World } from "../../../runner/world.ts";

/** Tokens that nobody issued: garbage, and of a JWT a changed signature, a changed payload, `alg: none`. */
export function forgedTokens(token: string): string[] {
  const [header, payload, signature] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined)
    return ["garbage", (token.startsWith("A") ? "B" : "A") + token.slice(1)];
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
 * checks. Where anybody is let in without a token, that is what is wrong.
 */
async function refusedConnect(
  world: World,
  label: string,
  headers: Record<string, string>,
  what: string,
  { command = "CONNECT", diagnosis }: { command?: "CONNECT" | "STOMP"; diagnosis?: string } = {},
): Promise<void> {
  const connection = await openStranger(world, label, headers);
  if (connection === undefined) return;
  connection.sendFrame(command, { "accept-version": "1.2", "heart-beat": "0,0", ...headers });
  const answer = await answerOf(connection, world.deadlineMs);
  if (answer === undefined || answer.command === "ERROR") return;
  const because = `${what} was answered ${answer.command}`;
  if (command === "STOMP" || Object.keys(headers).length > 0) await relyOnStrangersRefused(world, because);
  claim(false, because, diagnosis);
}

/** For what would not happen, if CONNECT without a token were refused. */
async function relyOnStrangersRefused(world: World, because: string): Promise<void> {
  const stranger = await openStranger(world, "without a token");
  if (stranger === undefined) return;
  stranger.sendFrame("CONNECT", { "accept-version": "1.2", "heart-beat": "0,0" });
  const answer = await answerOf(stranger, world.deadlineMs);
  rely("refuse strangers", answer?.command !== "CONNECTED", `${because}; CONNECT without any token is let in`);
}

/** A login is over when REST refuses its token. */
export async function relyOnEnded(world: World, account: Account): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const { status } = await world.askGuarded(account);
    if (status === 401 || status === 403) return;
    rely(
      "end a login",
      performance.now() - startMs < world.deadlineMs,
      `after the logout its token is answered ${status} by REST`,
    );
    await wait(100); // nothing tells when a logout has reached everything
  }
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
    // Twice: a token is good until it expires.
    for (let tab = 0; tab < 2; tab++)
      await world.stomp(alice, { handshake: "as defined" }).catch((error: Error) => {
        throw world.baseline.guardedHandshake ? new Violation(error.message, diagnoses.guardedHandshake) : error;
      });
  },

  "connect.without-a-token": async (world) => {
    await connects(world);
    await refusedConnect(world, "anonymous", {}, "CONNECT without a token", { diagnosis: diagnoses.anonymousConnect });
  },

  "connect.with-a-bad-token": async (world) => {
    const [alice] = await world.accounts(1);
    for (const token of forgedTokens(alice.rest.accessToken!)) {
      await refusedConnect(world, "forger", world.speaker.connectHeaders(alice, token), "CONNECT with a forged token");
    }
    await world.stomp(alice); // the control: the token that they were made from is good
  },

  "connect.with-an-ended-token": async (world) => {
    const account = await world.disposable();
    await world.stomp(account);
    const credential = world.speaker.connectHeaders(account);
    await world.logOut(account);
    await relyOnEnded(world, account);
    await refusedConnect(world, "ended", credential, "CONNECT with the token of an ended login, which REST refuses,", {
      diagnosis: diagnoses.endedToken,
    });
  },

  "connect.stomp-frame-is-checked": async (world) => {
    const alice = await connects(world);
    const command = "STOMP";
    await refusedConnect(world, "anonymous", {}, "STOMP without a token", { command });
    const garbage = world.speaker.connectHeaders(alice, "garbage");
    await refusedConnect(world, "forger", garbage, "STOMP with a garbage token", { command });
    try {
      await own("connect", () => world.stomp(alice, { command }));
    } catch (error) {
      claim(
        !(error instanceof TargetError),
        () => `strangers are refused, but so is STOMP with a good token: ${(error as Error).message}`,
      );
      throw error;
    }
  },

  "connect.header-name-is-exact": async (world) => {
    const alice = await connects(world);
    await refusedConnect(
      world,
      "lower case",
      { authorization: `Bearer ${alice.rest.accessToken}` },
      "CONNECT with a lower-case authorization header",
    );
  },

  "connect.refusal-is-error-then-close": async (world) => {
    await connects(world);
    const connection = await world.openStomp("anonymous");
    connection.sendFrame("CONNECT", { "accept-version": "1.2" });
    const answer = await answerOf(connection, world.deadlineMs);
    rely("refuse strangers", answer?.command !== "CONNECTED", "CONNECT without a token is let in");
    await awaitError(world, connection, "a refused CONNECT");
  },

  "connect.error-reveals-nothing": async (world) => {
    const alice = await connects(world);
    const texts: string[] = [];
    for (const token of forgedTokens(alice.rest.accessToken!)) {
      const connection = await world.openStomp("forger");
      connection.sendFrame("CONNECT", { "accept-version": "1.2", ...world.speaker.connectHeaders(alice, token) });
      await answerOf(connection, world.deadlineMs);
      await world.settle();
      for (const frame of connection.frames("ERROR"))
        texts.push(`${frame.headers.map(([name, value]) => `${name}:${value}`).join(" ")} ${frame.body}`);
      if (connection.closeInfo !== undefined) texts.push(connection.closeInfo.reason);
      claim(!texts.some((text) => token.length > 20 && text.includes(token)), "ERROR repeats the token");
    }
    rely("refuse forged tokens", texts.length > 0, "no CONNECT with a forged token was refused");
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
    const [early, sender] = await Promise.all([world.openStomp(alice), world.openStomp(alice)]);
    const secret = world.marker("early");
    early.sendFrame("SUBSCRIBE", { id: "early", destination: channel.destination });
    world.sendMessage(sender, alice, channel, secret);
    const ends = await Promise.all([early, sender].map((connection) => endsIn(connection, world.deadlineMs)));
    const fence = world.marker("fence");
    await world.post(alice, channel, fence);
    await world.hear(heard, fence);
    await world.settle();
    const history = world.system.features.has("history") ? await world.history(bob, channel) : [];
    const faults = [
      ...(world.heardCount(heard, secret) > 0 ? ["a SEND before CONNECT was delivered"] : []),
      ...(history.some(({ text }) => text === secret) ? ["a SEND before CONNECT was stored"] : []),
      ...(early.frames("MESSAGE").length > 0 ? ["a SUBSCRIBE before CONNECT hears messages"] : []),
    ];
    const because = faults.join(", and ") || "a connection that began with SUBSCRIBE or SEND stays open";
    if (faults.length === 0 && ends.every(Boolean)) return;
    await relyOnStrangersRefused(world, because);
    // Where the handshake carries the credential, the session has a user before CONNECT.
    const isAnybodys = faults.length > 0 && !world.baseline.guardedHandshake;
    claim(false, because, isAnybodys ? diagnoses.framesBeforeConnect : undefined);
  },

  "connect.twice": async (world) => {
    const [alice, bob] = await world.accounts(2);
    const connection = await world.stomp(alice);
    connection.sendFrame("CONNECT", { "accept-version": "1.2", ...world.speaker.connectHeaders(bob) });
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
    const alice = await connects(world);
    for (const [offer, best] of [
      ["1.0,1.1,1.2", "1.2"],
      ["1.2,1.1,1.0", "1.2"],
      ["1.1,1.0", "1.1"],
      ["1.1", "1.1"],
      ["1.0", "1.0"],
    ] as const) {
      const connection = await world.openStomp(alice);
      const connected = await connection.connect({
        headers: { "accept-version": offer, ...world.speaker.connectHeaders(alice) },
        deadlineMs: world.deadlineMs,
      });
      const version = headerOf(connected, "version") ?? "1.0";
      claim(version === best, `accept-version:${offer} was answered version:${version}, not ${best}`);
    }
  },

  "connect.no-common-version": async (world) => {
    const alice = await connects(world);
    const connection = await world.openStomp(alice);
    connection.sendFrame("CONNECT", { "accept-version": "2.0,9.9", ...world.speaker.connectHeaders(alice) });
    const answer = await connection.inbox.awaitItem("ERROR for an unknown version", () => true, world.deadlineMs);
    claim(answer.command === "ERROR", `accept-version:2.0,9.9 was answered ${answer.command}`);
    claim(headerOf(answer, "version") !== undefined, "ERROR names no supported versions in its version header");
    await connection.awaitClose(world.deadlineMs);
  },

  "connect.heart-beat-offer": async (world) => {
    const alice = await connects(world);
    const connection = await world.openStomp(alice);
    const connected = await connection.connect({
      headers: world.speaker.connectHeaders(alice),
      deadlineMs: world.deadlineMs,
    });
    const offer = headerOf(connected, "heart-beat");
    claim(offer === "10000,10000", `CONNECTED says heart-beat:${offer ?? "nothing"}`);
  },

  "connect.heart-beats-flow": (world) => heartBeatsFlow(world, { transport: "websocket", isSending: true }),

  "connect.silent-client-is-dropped": async (world) => {
    const [alice] = await world.accounts(1);
    const connection = await world.stomp(alice, { headers: { "heart-beat": "10000,0" } });
    const { wantsMs } = promised(connection);
    if (wantsMs === 0) throw new Unsupported("heart-beats");
    await connection.awaitClose(3 * Math.max(wantsMs, 10_000) + 1_000);
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

async function endsIn(connection: StompConnection, deadlineMs: number): Promise<boolean> {
  try {
    await connection.awaitClose(deadlineMs);
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
