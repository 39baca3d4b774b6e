// Mutants of contract/redis-chat/entry.ts: servers whose logins say too little, or let in whom they must not.

import { patch, swap, type Mutant } from "../../faulty.ts";

const system = "redis-chat";
const routes = "server/systems/redis-chat/routes.ts";
const members = "server/systems/redis-chat/domain/members.ts";
const opener = "server/systems/redis-chat/open.ts";

export const entry: readonly Mutant[] = [
  {
    id: "entry-sign-up-in-a-wrapper",
    what: "sign-up is answered 200 with an object",
    system,
    patches: [
      patch(
        routes,
        "response.status(201).json(await signUp(core, person, addressOf(request)));",
        "response.json({ id: await signUp(core, person, addressOf(request)) });",
      ),
    ],
    red: ["entry.sign-up-gives-the-id"],
  },
  {
    id: "entry-log-in-without-an-id",
    what: "a login is answered with the token alone",
    system,
    patches: [
      patch(
        routes,
        "response.json(await logIn(core, credentials, addressOf(request)));",
        "response.json({ token: (await logIn(core, credentials, addressOf(request))).token });",
      ),
    ],
    red: ["entry.log-in-gives-the-token"],
  },
  {
    id: "entry-token-of-hs256",
    what: "tokens are signed by HS256",
    system,
    patches: [patch(opener, 'tokenSeconds, "HS512")', 'tokenSeconds, "HS256")')],
    red: ["entry.token-says-who"],
  },
  {
    id: "entry-list-with-hashes",
    what: "the list of members has their passwords' hashes",
    system,
    patches: [patch(members, '"SELECT id, name, email FROM', '"SELECT id, name, email, password_hash FROM')],
    red: ["entry.members-are-listed"],
  },
  {
    id: "entry-sign-up-replaces",
    what: "signing up with an address that is taken replaces its owner's password",
    system,
    patches: [
      patch(
        members,
        "VALUES ($1, $2, $3) RETURNING id",
        "VALUES ($1, $2, $3) ON CONFLICT (email) DO UPDATE SET password_hash = EXCLUDED.password_hash RETURNING id",
      ),
    ],
    red: ["entry.taken-address-is-refused"],
  },
  {
    id: "entry-any-password",
    what: "every password is good",
    system,
    patches: [
      patch("server/security/logins.ts", "if (!fits || !user) {", "if (!user) {"),
      patch("server/security/logins.ts", "const fits = await guard.passwords.verify", "await guard.passwords.verify"),
    ],
    red: ["entry.wrong-password-is-refused"],
  },
  {
    id: "entry-list-for-all",
    what: "the list of members needs no token",
    system,
    patches: [patch(routes, "open: entryRoutes(core),", "open: entryRoutes(core).use(memberRoutes(core)),")],
    red: ["entry.routes-need-a-token"],
  },
  {
    id: "entry-reads-unsigned-tokens",
    what: "tokens are read, not verified",
    system,
    patches: [swap("server/security/tokens.ts", "tokens-unverified.ts")],
    red: ["entry.bad-token-does-nothing"],
  },
  {
    id: "entry-refusals-are-empty",
    what: "refusals have no body",
    system,
    patches: [
      patch(
        "server/systems/answers.ts",
        "response.status(problem.status).json(bodyOf(problem, request));",
        "void bodyOf;\n    response.status(problem.status).end();",
      ),
    ],
    red: ["entry.refusals-say-why"],
  },
];
