// What do the two tokens say? The access token is a JWT (HS256) that names a user and a login; it is good only while that login lives.
// The refresh token is random and says nothing; only its hash is stored. Source: RFC 9068, RFC 8725.

import { createHash, randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";

const algorithm = "HS256";
const issuer = "rollcall";
const tokenType = "at+jwt";
/** Longer than any of ours; bounds the work for garbage. */
const tokenCharactersMax = 2_000;

export interface AccessClaims {
  userId: string;
  loginId: string;
}

export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #audience: string;
  readonly #lifeSeconds: number;

  /** `secret`: 32 bytes, shared by all instances of a system. `audience`: the system. */
  constructor(secret: Uint8Array, audience: string, lifeSeconds: number) {
    this.#key = secret;
    this.#audience = audience;
    this.#lifeSeconds = lifeSeconds;
  }

  /** Two tokens of one second differ by their `jti`. */
  issue(claims: AccessClaims): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    return new SignJWT({ sid: claims.loginId })
      .setProtectedHeader({ alg: algorithm, typ: tokenType })
      .setSubject(claims.userId)
      .setJti(randomBytes(12).toString("base64url"))
      .setIssuer(issuer)
      .setAudience(this.#audience)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.#lifeSeconds)
      .sign(this.#key);
  }

  /** undefined: malformed, forged, of another algorithm, issuer or audience, or expired. */
  async read(token: string): Promise<AccessClaims | undefined> {
    if (token.length > tokenCharactersMax) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        issuer,
        audience: this.#audience,
        typ: tokenType,
        requiredClaims: ["sub", "sid", "exp"],
      });
      return typeof payload.sub === "string" && typeof payload["sid"] === "string" ? { userId: payload.sub, loginId: payload["sid"] } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

export const newRefreshToken = (): string => randomBytes(32).toString("base64url");

/** A fast hash is enough: the token has 256 random bits. */
export const refreshTokenHash = (token: string): string => createHash("sha256").update(token).digest("base64url");
