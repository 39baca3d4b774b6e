// Whom does a token of secure mode name? Somebody else issues it, and signs it with a secret that both know: `sub` is
// the user's id, `nickname` what others call them, and it is good until it expires. Source: the gateway chat contract,
// "auth"; RFC 7519, RFC 8725.

import { errors, jwtVerify } from "jose";
import { limits, tokenAlgorithms } from "../../../systems/gateway-chat/wire.ts";
import type { Principal } from "../../realtime/ports.ts";
import { tokenCharactersMax } from "../../security/tokens.ts";
import { isStorable } from "../../store/text.ts";

/** The principal of each token, which `loginId` says when to end. */
export class Bearers {
  readonly #key: Uint8Array;

  constructor(secret: string) {
    this.#key = new TextEncoder().encode(secret);
  }

  /** undefined: malformed, forged, of another algorithm, expired, or of nobody. */
  async read(token: string): Promise<Principal | undefined> {
    if (token.length > tokenCharactersMax) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [...tokenAlgorithms],
        requiredClaims: ["sub", "exp"],
      });
      const { sub: userId = "", nickname, exp } = payload;
      if (userId === "" || userId.length > limits.senderMax || !isStorable(userId)) return undefined;
      const username = typeof nickname === "string" ? nickname : userId;
      return { userId, username, role: "USER", loginId: `${exp} ${userId}` };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** Of these, those whose token has expired. */
  readonly ended = (loginIds: readonly string[]): string[] =>
    loginIds.filter((loginId) => Number(loginId.split(" ", 1)[0]) * 1_000 <= Date.now());
}
