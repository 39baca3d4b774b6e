// Whose passcode is this? The configured users', and guessing one is limited as it is everywhere else
// (login-limits.ts). Terms: known – a user that connected from this address since this instance began: failures of
// others there do not keep it out. Nothing else is remembered, because this system stores nothing.

import { createHash, timingSafeEqual } from "node:crypto";
import type { usersIn } from "../../../systems/stomp/wire.ts";
import type { Principal } from "../../realtime/ports.ts";
import { TooManyFailuresError } from "../../security/login-limits.ts";
import type { SystemContext } from "../system.ts";

type User = ReturnType<typeof usersIn>[number];

const placesOfUserMax = 20;

/** As long for a wrong passcode as for a right one. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

export class Logins {
  readonly #core: Pick<SystemContext, "loginLimits" | "trace">;
  readonly #users: readonly User[];
  /** Name → addresses, the one that was used last comes last. */
  readonly #places: ReadonlyMap<string, Set<string>>;

  constructor(core: Pick<SystemContext, "config" | "loginLimits" | "trace">) {
    this.#core = core;
    this.#users = core.config.stompUsers;
    this.#places = new Map(this.#users.map(({ name }): [string, Set<string>] => [name, new Set()]));
  }

  /** undefined: there is no such user, or the passcode is wrong. Throws TooManyFailuresError. */
  async logIn(
    login: string | undefined,
    passcode: string | undefined,
    address: string,
  ): Promise<Principal | undefined> {
    const { loginLimits, trace } = this.#core;
    const refused = (why: string): undefined => {
      trace.refused({ kind: "connect", what: "CONNECT", who: login, from: address, why });
      return undefined;
    };
    // Nothing was guessed.
    if (login === undefined || passcode === undefined) return refused("no login or no passcode");
    const places = this.#places.get(login);
    const attempt = { account: login, address, isKnown: places?.has(address) ?? false };
    try {
      const user = await loginLimits.tryOne(attempt, () => this.#userOf(login, passcode));
      if (!user) return refused("wrong login or passcode");
      noteLast(places, address);
      return { userId: user.name, username: user.name, role: "USER", loginId: user.name };
    } catch (error) {
      if (error instanceof TooManyFailuresError) refused(error.message);
      throw error;
    }
  }

  #userOf(login: string, passcode: string): User | undefined {
    const user = this.#users.find(({ name }) => name === login);
    return isSame(passcode, user?.password ?? "") ? user : undefined;
  }
}

function noteLast(places: Set<string> | undefined, address: string): void {
  places?.delete(address);
  places?.add(address);
  const [oldest] = places ?? [];
  if (places && places.size > placesOfUserMax && oldest !== undefined) places.delete(oldest);
}
