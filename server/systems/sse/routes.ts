// What does a request get? Whoever has no token nothing; then a stream, or the id of what was published into it.
// Source: the page on event streams.

import { Router, type Request, type RequestHandler, type Response } from "express";
import { v7 as newId } from "uuid";
import { z } from "zod";
import { limits, streamName, streamPath } from "../../../systems/sse/wire.ts";
import { publicationOf } from "../../bus/records.ts";
import { errorAnswers } from "../answers.ts";
import { Problem, unauthenticated, invalid } from "../problem.ts";
import { addressOf, bearerOf, jsonBody, shareOf } from "../request.ts";
import type { SystemContext } from "../system.ts";
import type { Tokens } from "./tokens.ts";

const methods = "GET, HEAD, POST, OPTIONS";

const hasNoLineEnd = (text: string): boolean => !/[\r\n\0]/.test(text);
const isWhole = (text: string): boolean => text.isWellFormed();

const eventSchema = z.strictObject({
  event: z
    .string()
    .min(1)
    .max(limits.eventNameMax)
    .refine(hasNoLineEnd, "must be one line, without NUL")
    .refine(isWhole, "must be Unicode text")
    .optional(),
  data: z.string().refine(isWhole, "must be Unicode text"),
});

export function sseRoutes(core: SystemContext, tokens: Tokens, events: RequestHandler): Router {
  const router = Router();
  const path = streamPath(":name");
  router.use((_, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  router.options(path, (_, response) => void response.set("Allow", methods).status(204).end());
  router.use(path, (request, response, next) => {
    const principal = tokens.read(bearerOf(request));
    if (!principal) {
      core.trace.refused({ kind: "access", from: addressOf(request), what: `${request.method} ${request.baseUrl}` });
      response.set("WWW-Authenticate", "Bearer");
      throw unauthenticated("a token is needed: Authorization: Bearer");
    }
    response.locals["principal"] = principal;
    shareOf(response).belongsTo(principal.userId);
    if (!streamName.test(nameIn(request))) throw notFound("no stream can have this name");
    next();
  });
  router.get(path, (request, response, next) => {
    if (request.accepts("text/event-stream") === false)
      throw new Problem(406, "NOT_ACCEPTABLE", "Cannot answer: there is text/event-stream alone");
    return events(request, response, next);
  });
  router.post(
    path,
    async (request, response) => void response.status(202).json(await publish(core, request, response)),
  );
  router.all(path, (_, response) => {
    response.set("Allow", methods);
    throw new Problem(405, "METHOD_NOT_ALLOWED", `Cannot do this with a stream: ${methods}`);
  });
  router.use(() => {
    throw notFound("no such endpoint");
  });
  router.use(errorAnswers(core, (problem) => problem.response()));
  return router;
}

/** Resolves when the event is in the log: on this instance whoever opens a stream from now on does not hear it. */
async function publish(core: SystemContext, request: Request, response: Response): Promise<{ id: string }> {
  const { event = "message", data } = parse(await jsonBody(request, response));
  if (Buffer.byteLength(data) > limits.dataBytesMax)
    throw new Problem(413, "PAYLOAD_TOO_LARGE", `Cannot publish: data may have ${limits.dataBytesMax} bytes`);
  const id = newId();
  const record = { topic: "events", id, name: event, data, receivers: "everyone", createdAtMs: Date.now() } as const;
  await core.bus.publish([publicationOf({ ...record, stream: nameIn(request) })]).catch(isAway);
  // It is published: that this instance is behind is no reason to say no, and have it published twice.
  await core.bus.caughtUp("events").catch(core.onFault);
  return { id };
}

/** Throws Problem 400. */
function parse(body: unknown): z.infer<typeof eventSchema> {
  const parsed = eventSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(
    Object.fromEntries(parsed.error.issues.map(({ path, message }) => [path.join(".") || "body", message])),
  );
}

/** Whether the event is there all the same, nobody knows: whoever publishes it again may have it heard twice. */
function isAway(cause: unknown): never {
  const problem = new Problem(503, "LOG_UNAVAILABLE", "Cannot publish now: the log is away");
  throw Object.assign(problem, { retryAfterSeconds: 1, cause });
}

const nameIn = (request: Request): string => String(request.params["name"]);
const notFound = (message: string): Problem => new Problem(404, "NOT_FOUND", message);
