// How are cookies read and written? Read: the first of a name wins, values as they are (ours are base64url). Written:
// Path=/, SameSite=Lax (None where asked for), Secure when the request came by TLS. Source: RFC 6265.

import type { Request, Response } from "express";

export function readCookie(request: Pick<Request, "headers">, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

export interface CookieOptions {
  httpOnly: boolean;
  /** Absent: until the browser closes. 0: removes it. */
  maxAgeSeconds?: number;
  /** Sent with requests from pages of other sites, too, where TLS allows it. */
  crossSite?: true;
}

export function setCookie(
  request: Request,
  response: Response,
  name: string,
  value: string,
  options: CookieOptions,
): void {
  response.cookie(name, value, {
    path: "/",
    sameSite: "lax",
    secure: request.secure,
    httpOnly: options.httpOnly,
    encode: (text) => text,
    ...(options.crossSite && request.secure ? { sameSite: "none" } : {}),
    ...(options.maxAgeSeconds === undefined ? {} : { maxAge: options.maxAgeSeconds * 1_000 }),
  });
}
