// How is a changing request told from a forged one? By double submit: a header must repeat a cookie, which another site
// can send but not read. Safe methods pass. Checked before anything else is looked at. Source: the Discodeit contract,
// "Rules"; OWASP CSRF prevention.

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Request, Response } from "express";
import { csrfCookie, csrfHeader } from "../../systems/discodeit/wire.ts";
import { readCookie, setCookie } from "./cookies.ts";

const changing = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const tokenForm = /^[A-Za-z0-9_-]{32}$/;

/** False: the request would change something and its header does not repeat its cookie. */
export function csrfHolds(method: string, cookie: string | undefined, header: string | undefined): boolean {
  if (!changing.has(method)) return true;
  if (cookie === undefined || header === undefined || cookie === "") return false;
  const [left, right] = [Buffer.from(cookie), Buffer.from(header)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function csrfHoldsFor(request: Request): boolean {
  return csrfHolds(request.method, readCookie(request, csrfCookie), request.get(csrfHeader));
}

/** Sends a new token and returns it. */
export function renewCsrfToken(request: Request, response: Response): string {
  const token = randomBytes(24).toString("base64url");
  setCookie(request, response, csrfCookie, token, { httpOnly: false });
  return token;
}

/** Sends the token that the client holds, so that its other tabs keep theirs, or a new one. */
export function sendCsrfToken(request: Request, response: Response): string {
  const held = readCookie(request, csrfCookie);
  if (held === undefined || !tokenForm.test(held)) return renewCsrfToken(request, response);
  setCookie(request, response, csrfCookie, held, { httpOnly: false });
  return held;
}
