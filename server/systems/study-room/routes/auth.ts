// How does one come in and go out? Both tokens travel in HttpOnly cookies only. Source: the study-room contract, "Auth".

import { Router, type Request, type Response } from "express";
import { accessCookie, refreshCookie, refreshSeconds } from "../../../../systems/study-room/wire.ts";
import { readCookie, setCookie } from "../../../security/cookies.ts";
import { credentialsIn } from "../../accounts.ts";
import type { Core } from "../../core.ts";
import { addressOf, jsonBody, principalOf } from "../../request.ts";
import { parse } from "../../validation.ts";
import { logIn, logOut, me, refresh, signUp, type Session } from "../domain/logins.ts";
import { signUpSchema } from "../domain/validation.ts";
import { tokenOf } from "../realtime.ts";
import { answer } from "./answers.ts";

/** The routes that need no access token. */
export function authRoutes(core: Core): Router {
  const router = Router();
  const keep = (request: Request, response: Response, name: string, value: string, maxAgeSeconds: number): void =>
    setCookie(request, response, name, value, { httpOnly: true, crossSite: true, maxAgeSeconds });
  const keepAccess = (request: Request, response: Response, token: string): void =>
    keep(request, response, accessCookie, token, core.config.accessTokenSeconds);
  const answerSession = (request: Request, response: Response, session: Session, status: number): void => {
    keepAccess(request, response, session.accessToken);
    keep(request, response, refreshCookie, session.refreshToken, refreshSeconds);
    answer(response, session.user, status);
  };

  router.post("/auth/signup", async (request, response) => {
    const person = parse(signUpSchema, await jsonBody(request, response));
    answerSession(request, response, await signUp(core, person, addressOf(request)), 201);
  });
  router.post("/auth/login", async (request, response) => {
    const credentials = await credentialsIn(request, response);
    answerSession(request, response, await logIn(core, credentials, addressOf(request)), 200);
  });
  router.post("/auth/refresh", async (request, response) => {
    const token = await refresh(core, readCookie(request, refreshCookie));
    if (token === undefined) core.trace.refused({ kind: "refresh", from: request.ip, what: "POST /api/auth/refresh" });
    else keepAccess(request, response, token);
    response.status(token === undefined ? 401 : 204).end();
  });
  router.post("/auth/logout", async (request, response) => {
    await logOut(core, readCookie(request, refreshCookie), tokenOf(request));
    for (const name of [accessCookie, refreshCookie]) keep(request, response, name, "", 0);
    response.status(204).end();
  });
  return router;
}

export const meRoutes = (core: Core): Router =>
  Router().get("/users/me", async (_, response) => answer(response, await me(core, principalOf(response))));
