// What do the routes of most systems do alike? They ask for a token, answer every error in the system's own form, and
// leave a trace of refused logins and tokens, and of what a user may not do.

import { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from "express";
import type { Principal } from "../realtime/ports.ts";
import { noteFailure, Problem, problemOf, unauthenticated } from "./problem.ts";
import type { AccessTokens } from "../security/tokens.ts";
import { shareOf } from "./request.ts";
import type { SystemContext } from "./system.ts";

type Core = Pick<SystemContext, "trace" | "onFault">;
type CoreWithTokens = Core & { tokens: AccessTokens };

/** Lets in whoever has a token that is somebody's, as `response.locals.principal`. Throws Problem 401. */
const tokenCheck =
  (core: CoreWithTokens, { tokenOf, authenticate }: Pick<Judgement, "tokenOf" | "authenticate">): RequestHandler =>
  async (request, response, next) => {
    const token = tokenOf(request);
    const principal = token === undefined ? undefined : await authenticate(token);
    if (token !== undefined && !principal) await noteToken(core, request, token);
    if (!principal) throw unauthenticated("not signed in");
    response.locals["principal"] = principal;
    shareOf(response).belongsTo(principal.userId);
    next();
  };

/** A request without a token is no news. */
async function noteToken({ tokens, trace }: CoreWithTokens, request: Request, token: string): Promise<void> {
  // Read now: a request whose connection is gone has no address.
  const noted = { from: request.ip, what: pathOf(request) };
  const isOurs = (await tokens.read(token)) !== undefined;
  const kind = isOurs ? "token-ended" : (await tokens.isExpired(token)) ? "token-expired" : "token-forged";
  trace.refused({ kind, ...noted });
}

const pathOf = ({ method, originalUrl }: Request): string => `${method} ${originalUrl.split("?", 1)[0]}`;

interface Judgement {
  /** The few that need no login. */
  open: Router;
  tokenOf: (request: Request) => string | undefined;
  authenticate: (token: string) => Promise<Principal | undefined>;
  signedIn: Router;
  refusalBody: (problem: Problem, request: Request) => object;
}

/** Routes in the order in which a request is judged: those without a login, the token, the others, 404. */
export const judgedRoutes = (
  core: CoreWithTokens,
  { open, tokenOf, authenticate, signedIn, refusalBody }: Judgement,
): Router =>
  Router().use(
    noStore,
    open,
    tokenCheck(core, { tokenOf, authenticate }),
    signedIn,
    noSuchRoute,
    errorAnswers(core, refusalBody),
  );

const noStore: RequestHandler = (_, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};

const noSuchRoute: RequestHandler = () => {
  throw new Problem(404, "ROUTE_NOT_FOUND", "no such endpoint");
};

/** Answers every error of the routes; `bodyOf` is what the system's clients read. */
export const errorAnswers =
  (core: Core, bodyOf: (problem: Problem, request: Request) => object): ErrorRequestHandler =>
  // Express knows an error handler by its four parameters.
  (error: unknown, request, response, _next) => {
    const problem = problemOf(error);
    if (problem.status >= 500) noteFailure(core, error, request);
    else noteRefusal(core, request, response, problem);
    if (response.headersSent) return void response.destroy();
    if (problem.retryAfterSeconds !== undefined) response.set("Retry-After", String(problem.retryAfterSeconds));
    response.status(problem.status).json(bodyOf(problem, request));
  };

/** `response.locals.triedName`: the user name of a login; `.principal`: who asked. */
function noteRefusal({ trace }: Core, request: Request, { locals }: Response, { status, message: why }: Problem): void {
  const { triedName, principal } = locals as { triedName?: string; principal?: Principal };
  const refused = { what: pathOf(request), why, from: request.ip };
  if (triedName !== undefined && (status === 401 || status === 429))
    trace.refused({ kind: "login", who: triedName, ...refused });
  else if (principal && status === 403) trace.refused({ kind: "access", who: principal.username, ...refused });
}
