// What proofs rest on, and who says whether it works. A step that fails makes a proof `untested` and never red, unless
// the clause under proof is the step's owner. Terms: owner – the clause that is about the step.

import { stepOwners, type ClauseId } from "../contract/catalogue.ts";
import { inStep, TargetError, TimeoutError } from "../drivers/errors.ts";

/** Each step by the words in which a report names it. Verbs of a system's client name theirs themselves. */
const owners = {
  "sign up": "accounts.sign-up-returns-the-user",
  "log in": "login.returns-the-token",
  "log in again": "login.returns-the-token",
  "refuse who has no token": "login.tokens-are-required",
  "refuse a bad token with 401": "login.bad-token-is-401",
  "keep a refresh cookie": "login.sets-the-refresh-cookie",
  "refresh a login": "login.refresh-renews",
  "renew a login by me": "login.me-gives-a-token",
  "leave others connected": "login.others-stay-connected",
  "refuse who sends no CSRF header": "csrf.missing-header-is-403",
  "list users": "accounts.list-holds-the-user",
  "show a user's role": "accounts.user-has-its-fields",
  "change a user": "accounts.update-changes-the-user",
  "delete a user": "accounts.delete-removes-the-user",
  "change a role": "accounts.role-change-by-admin",
  "create a private channel": "channels.private-is-created",
  "create a public channel": "channels.public-is-created",
  "change a public channel": "channels.public-is-changed",
  "delete a private channel": "channels.private-is-deleted",
  "delete a public channel": "channels.public-is-deleted",
  "list channels": "channels.list-holds-mine",
  "attach files": "messages.attachments-are-stored",
  "end an upload": "files.upload-ends-in-success",
  "download a file": "files.download-gives-the-bytes",
  "post a message": "messages.post-returns-the-message",
  "change a message": "messages.update-by-author",
  "delete a message": "messages.delete-by-author",
  "read the history": "messages.history-newest-first",
  "read a page of the history": "messages.history-page-size",
  "page through the history": "messages.history-pages",
  "read the history of somebody who is gone": "messages.history-outlives-its-author",
  "list read statuses": "reads.private-channel-makes-them",
  "make a read status": "reads.created",
  "change a read status": "reads.updated",
  "read a file's metadata": "files.metadata",
  "read the metadata of several files": "files.metadata-of-several",
  "notify a reader": "notifications.of-a-message",
  "list notifications": "notifications.list-is-current",
  "get a CSRF token": "csrf.token-is-given",
  connect: "connect.with-a-token",
  "refuse strangers": "connect.without-a-token",
  "refuse forged tokens": "connect.with-a-bad-token",
  "refuse ended tokens": "connect.with-an-ended-token",
  "end a login": "login.logout-ends-the-login",
  "connect over sockjs-websocket": "sockjs.over-websocket",
  "connect over xhr-streaming": "sockjs.over-xhr-streaming",
  "connect over xhr-polling": "sockjs.over-xhr-polling",
  "end with a receipt": "connect.disconnect-receipt",
  "connect over tcp": "tcp.connects-and-hears",
  "hear from a queue": "queues.sent-is-heard",
  "keep for later": "queues.kept-until-taken",
  "give back": "acks.unacknowledged-comes-again",
  acknowledge: "acks.acknowledged-is-done",
  "name a message": "acks.message-says-how",
  commit: "transactions.heard-after-commit",
  "hold until COMMIT": "transactions.nothing-before-commit",
  "post over SockJS": "csrf.spares-sockjs",
  "get SockJS's info": "sockjs.info",
  subscribe: "subscribe.hears-the-channel",
  "hear a posted message": "subscribe.hears-the-channel",
  "hear what was posted": "subscribe.hears-the-channel",
  "hear a sent message": "send.stores-and-delivers",
  "deliver once": "subscribe.exactly-once",
  "deliver a post once": "send.rest-is-delivered-too",
  "hear of a refused SEND": "send.errors-reach-the-sender",
  "open several connections": "tabs.three-stomp",
  "open an event stream": "sse.content-type",
  "open several event streams": "tabs.three-streams",
  "cause an event": "sse.channel-created-to-participants",
  "hear an event": "sse.channel-created-to-participants",
  "hear of a changed channel": "sse.public-channel-to-everyone",
  "hear of a deleted channel": "sse.channel-deleted-to-participants",
  "hear of a user": "sse.user-changes-to-everyone",
  "hear of a notification": "notifications.event-to-the-receiver",
  "hear of an upload": "files.upload-event-to-the-uploader",
  "read an event's id": "sse.events-have-ids",
  "read a cursor from ping": "sse.ping-has-the-cursor",
  "tell participants alone": "sse.channel-created-to-nobody-else",
  "resume a stream": "replay.exactly-the-missing",
  "resume by the header": "replay.by-header",
  "resume the only stream": "replay.after-a-reload",
  "cross with messages": "fanout.stomp-crosses",
  "cross with posts": "fanout.rest-crosses",
  "cross with events": "fanout.events-cross",
  "hear what others publish": "relay.by-hand-is-heard",
  "hear an effect": "actions.reach-every-subscriber",
  "answer a ping": "websocket.pings-are-answered",
  "connect to a raw room": "raw.others-hear-once",
  "hear in a raw room": "raw.others-hear-once",
  "hear a burst in a raw room": "raw.burst-is-complete",
  "cross with raw rooms": "raw.crosses",
  "let pages in": "witness.pages-are-let-in",
  "use a token on another instance": "fanout.tokens-are-good-on-all",
} as const satisfies Record<string, ClauseId>;

export type Step = keyof typeof owners;

/** Who is about this step in a system; undefined: no step, so the clause under proof is about it itself. */
export const ownerOf = (step: string | undefined, system = ""): ClauseId | undefined =>
  step !== undefined && Object.hasOwn(owners, step) ? (stepOwners[system]?.[step] ?? owners[step as Step]) : undefined;

export const ownerIds: ReadonlySet<ClauseId> = new Set(
  [owners, ...Object.values(stepOwners)].flatMap((some: Readonly<Record<string, ClauseId>>) => Object.values(some)),
);

/** The steps that a clause is about, in whatever system: other proofs rest on them. */
export const stepsOf = (id: ClauseId): string[] => [
  ...new Set(
    [owners, ...Object.values(stepOwners)].flatMap((some: Readonly<Record<string, ClauseId>>) =>
      Object.keys(some).filter((step) => some[step] === id),
    ),
  ),
];

/** A step did not come to what was relied on. What was looked for may still come: see `World.unseen`. */
export class Unmet extends TargetError {
  constructor(name: Step, because: string) {
    super("refused", `Cannot ${name}: ${because}`);
    this.step = name;
  }
}

/** Unless the condition holds, this step has failed, and with it not the clause under proof but the step's owner. */
export function rely(name: Step, condition: boolean, because: string): asserts condition {
  if (!condition) throw new Unmet(name, because);
}

/** `inStep` of drivers/errors.ts, for steps with an owner. */
export const step = <T>(name: Step, work: () => Promise<T>): Promise<T> => inStep(name, work);

/** Does what is a step elsewhere, and here the clause's own sentence: that it fails is a violation. */
export async function own<T>(name: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error instanceof TargetError || error instanceof TimeoutError) && error.step === name) error.step = undefined;
    throw error;
  }
}

/** As `own`, for all steps: all of this works elsewhere, and that it does not here is the clause's own matter. */
export async function allOwn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TargetError || error instanceof TimeoutError) error.step = undefined;
    throw error;
  }
}

/** Which step it is to hear what announces this. */
const hearing: Readonly<Record<string, Step>> = {
  channelUpdated: "hear of a changed channel",
  channelDeleted: "hear of a deleted channel",
  userCreated: "hear of a user",
  userUpdated: "hear of a user",
  userDeleted: "hear of a user",
  notificationCreated: "hear of a notification",
  uploadEnded: "hear of an upload",
};

/** An event of the kind that streams are probed with is an event like any other. */
export const hearingOf = (kind: string): Step => (Object.hasOwn(hearing, kind) ? hearing[kind]! : "hear an event");
