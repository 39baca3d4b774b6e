// Stands in for server/security/tokens.ts: a token is decoded, and neither its signature nor its time is verified.

import { decodeJwt } from "jose";
import { AccessTokens as Original, type AccessClaims } from "../../../../server/security/tokens.ts";

export * from "../../../../server/security/tokens.ts";

export class AccessTokens extends Original {
  override read(token: string): Promise<AccessClaims | undefined> {
    return Promise.resolve(decoded(token));
  }
}

function decoded(token: string): AccessClaims | undefined {
  try {
    const { uid, sid } = decodeJwt<{ uid?: unknown; sid?: unknown }>(token);
    return typeof uid === "string" && typeof sid === "string" ? { userId: uid, loginId: sid } : undefined;
  } catch {
    return undefined; // it is no JWT
  }
}
