// How does one come in and go out? Login, refresh, me, logout, the CSRF token, and roles. The refresh token travels in
// an HttpOnly cookie only. Source: the Discodeit contract, the table of revisions and "REST".

import { Router, type Request, type Response } from "express";
import { csrfHeader, refreshCookie } from "../../../../systems/discodeit/wire.ts";
import { changeRole } from "../domain/accounts.ts";
import type { Core } from "../domain/core.ts";
import { currentSession, logIn, logOut, refresh, type RenewedSession, type Session } from "../domain/logins.ts";
import { credentialsSchema, parse, roleChangeSchema } from "../domain/validation.ts";
import { readCookie, setCookie } from "../../../security/cookies.ts";
import { renewCsrfToken, sendCsrfToken } from "../../../security/csrf.ts";
import { addressOf, jsonBody, principalOf, withBody } from "./body.ts";
import { withForm } from "./multipart.ts";
import type { Revision } from "../revision.ts";

/** The routes that need no access token. */
export function authRoutes(core: Core, revision: Revision): Router {
  const router = Router();
  const cookieName = refreshCookie[revision.system];
  const keep = (request: Request, response: Response, token: string): void =>
    setCookie(request, response, cookieName, token, {
      httpOnly: true,
      maxAgeSeconds: token === "" ? 0 : core.config.refreshTokenSeconds,
    });
  const answer = (response: Response, { user, accessToken }: Session): void =>
    void response.json(revision.sessionBody === "token" ? accessToken : { userDto: user, accessToken });
  const answerRenewed = (request: Request, response: Response, session: RenewedSession): void => {
    keep(request, response, session.refreshToken);
    answer(response, session);
  };

  router.get("/auth/csrf-token", (request, response) => {
    const token = sendCsrfToken(request, response);
    if (revision.csrfBody) response.json({ headerName: csrfHeader, parameterName: "_csrf", token });
    else response.status(203).end();
  });
  router.post("/auth/login", async (request, response) => {
    const body =
      revision.credentials === "json" ? await jsonBody(request, response) : await formBody(request, response);
    const { username, password } = parse(credentialsSchema, body);
    response.locals["triedName"] = username;
    const session = await logIn(core, { username, password, address: addressOf(request) });
    renewCsrfToken(request, response);
    answerRenewed(request, response, session);
  });
  router.post("/auth/refresh", async (request, response) => {
    answerRenewed(request, response, await refresh(core, readCookie(request, cookieName)));
  });
  router.post("/auth/logout", async (request, response) => {
    await logOut(core, readCookie(request, cookieName));
    keep(request, response, "");
    response.status(revision.logoutStatus).end();
  });
  if (revision.hasMe) {
    router.get("/auth/me", async (request, response) =>
      answer(response, await currentSession(core, readCookie(request, cookieName))),
    );
  }
  return router;
}

export function roleRoutes(core: Core): Router {
  const router = Router();
  router.put("/auth/role", async (request, response) => {
    const { userId, newRole } = parse(roleChangeSchema, await jsonBody(request, response));
    response.json(await changeRole(core, principalOf(response), userId, newRole));
  });
  return router;
}

/** Form fields, as multipart or urlencoded. */
async function formBody(request: Request, response: Response): Promise<unknown> {
  if (!request.is("application/x-www-form-urlencoded")) {
    return withForm(request, response, { fileParts: [], filesMax: 0, fileBytesMax: 0 }, ({ fields }) =>
      Promise.resolve(Object.fromEntries(fields)),
    );
  }
  return withBody(request, response, (text) => Object.fromEntries(new URLSearchParams(text)));
}
