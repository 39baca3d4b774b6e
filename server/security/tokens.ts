// What do the two tokens say? The access token is a JWT (HS256, or as a system says) that names a user and a login; it is good only while
// that login lives. What clients read (`sub`, the user name, and in revision 1 `userDto`) we never do: we read `uid`
// and `sid`, the ids of user and login. The refresh token is random and says nothing; only its hash is stored. Source:
// the Discodeit contract, "login"; RFC 9068, RFC 8725.

import { createHash, randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";

const issuer = "rollcall";
const tokenType = "at+jwt";
/**
 * Longer than any of ours (2,700 with every field of a user at its limit) and short enough for the headers it travels
 * in: a STOMP header has 4 KiB, Nginx and Node take 8 KiB and more. Bounds the work for garbage.
 */
export const tokenCharactersMax = 3_500;

export interface AccessClaims {
  userId: string;
  loginId: string;
}

/** What a token says to clients. */
export interface TokenUser {
  username: string;
  /** Revision 1: its web client knows the user from the token alone. */
  userDto?: object;
  /** Where clients read it; we never do. */
  role?: string;
}

type Algorithm = "HS256" | "HS512";

export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #audience: string;
  readonly #lifeSeconds: number;
  readonly #algorithm: Algorithm;

  /** `secret`: 32 bytes (64 for HS512), shared by all instances of a system. `audience`: the system. */
  constructor(secret: Uint8Array, audience: string, lifeSeconds: number, algorithm: Algorithm = "HS256") {
    this.#key = secret;
    this.#audience = audience;
    this.#lifeSeconds = lifeSeconds;
    this.#algorithm = algorithm;
  }

  /** Two tokens of one second differ by their `jti`. */
  issue({ userId, loginId }: AccessClaims, { username, userDto, role }: TokenUser): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    return new SignJWT({ uid: userId, sid: loginId, ...(userDto && { userDto }), ...(role && { role }) })
      .setProtectedHeader({ alg: this.#algorithm, typ: tokenType })
      .setSubject(username)
      .setJti(randomBytes(12).toString("base64url"))
      .setIssuer(issuer)
      .setAudience(this.#audience)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + this.#lifeSeconds)
      .sign(this.#key);
  }

  /** Whether the token is one of ours whose time is over. */
  async isExpired(token: string): Promise<boolean> {
    return !(await this.read(token)) && (await this.#claimsOf(token, Number.MAX_SAFE_INTEGER)) !== undefined;
  }

  /** undefined: malformed, forged, of another algorithm, issuer or audience, or expired. */
  read(token: string): Promise<AccessClaims | undefined> {
    return this.#claimsOf(token, 0);
  }

  async #claimsOf(token: string, clockTolerance: number): Promise<AccessClaims | undefined> {
    if (token.length > tokenCharactersMax) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [this.#algorithm],
        issuer,
        audience: this.#audience,
        typ: tokenType,
        requiredClaims: ["uid", "sid", "exp"],
        clockTolerance,
      });
      const { uid, sid } = payload;
      return typeof uid === "string" && typeof sid === "string" ? { userId: uid, loginId: sid } : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

export const newRefreshToken = (): string => randomBytes(32).toString("base64url");

/** A fast hash is enough: the token has 256 random bits. */
export const refreshTokenHash = (token: string): string => createHash("sha256").update(token).digest("base64url");
