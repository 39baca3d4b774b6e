// Which answers leave a trace? Refused logins, refresh tokens and access tokens, forged requests, and whatever a user
// may not do to others' things. A request without any credential is no news.

import type { Request, Response } from "express";
import type { Core } from "../domain/core.ts";
import { whyRefused } from "../domain/logins.ts";
import type { Problem } from "../domain/problem.ts";
import type { Principal } from "../../../realtime/ports.ts";
import type { Refusal } from "../../../trace.ts";
import { bearerOf } from "./body.ts";

/** `response.locals.triedName`: the user name of a login; `.principal`: who asked. */
export function noteRefusal(core: Core, request: Request, response: Response, problem: Problem): void {
  const principal = response.locals["principal"] as Principal | undefined;
  const triedName = response.locals["triedName"] as string | undefined;
  // Read now: a request whose connection is gone has no address.
  const from = request.ip;
  const what = `${request.method} ${request.originalUrl.split("?", 1)[0]}`;
  const note = (kind: Refusal["kind"], who?: string): void =>
    core.trace.refused({ kind, from, who, what, why: problem.message });
  if (problem.status === 403) return note(principal ? "access" : "csrf", principal?.username);
  if (problem.status !== 401 && problem.status !== 429) return;
  if (triedName !== undefined) return note("login", triedName);
  const token = bearerOf(request);
  if (token !== undefined) return void whyRefused(core, token).then((kind) => note(kind), core.onFault);
  if (/\/auth\/(refresh|me)$/.test(request.path) && request.headers.cookie?.match(/refresh_token=./i)) note("refresh");
}
