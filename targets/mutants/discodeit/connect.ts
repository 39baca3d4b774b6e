// Mutants of contract/shared/connect.ts: servers that let the wrong ones in, or treat CONNECT and heart-beats wrongly.

import { patch, prepend, swap, type Mutant } from "../../faulty.ts";

const session = "server/stomp/session.ts";
const realtime = "server/systems/discodeit/realtime.ts";
const authentication =
  "const principal = token === undefined ? undefined : await this.#host.ports.authenticate(token);";
/** Somebody without an account; the login sweep ends it after some seconds. */
export const anonymous =
  '{ userId: randomUUID(), loginId: randomUUID(), username: "anonymous", role: "USER" as const }';

const authenticated = "const principal = this.#connection.principal ?? (await this.#authenticate(headers));";

export const connect: readonly Mutant[] = [
  {
    id: "connect-token-once",
    what: "an access token is good for one CONNECT only",
    patches: [
      prepend(session, "const usedTokens = new Set<string | undefined>();"),
      patch(
        session,
        authentication,
        "const isUsed = usedTokens.has(token); usedTokens.add(token); const principal = token === undefined || isUsed ? undefined : await this.#host.ports.authenticate(token);",
      ),
    ],
    red: ["connect.with-a-token"],
  },
  {
    id: "connect-anonymous",
    what: "CONNECT without a token is let in",
    patches: [
      patch(
        session,
        authentication,
        `const principal = token === undefined ? ${anonymous} : await this.#host.ports.authenticate(token);`,
      ),
    ],
    red: ["connect.without-a-token"],
  },
  {
    id: "connect-any-token",
    what: "the signature of a token is not verified",
    patches: [swap("server/security/tokens.ts", "tokens-unverified.ts")],
    red: ["connect.with-a-bad-token", "sse.needs-a-token", "login.bad-token-is-401"],
  },
  {
    id: "connect-ended-token",
    what: "CONNECT believes for ever in a token that it let in once",
    patches: [
      prepend(realtime, "const known = new Map<string, Awaited<ReturnType<typeof authenticate>>>();"),
      patch(
        realtime,
        "authenticate: (accessToken) => authenticate(core, accessToken),",
        `async authenticate(accessToken) {
      const principal = known.get(accessToken) ?? (await authenticate(core, accessToken));
      known.set(accessToken, principal);
      return principal;
    },`,
      ),
    ],
    red: ["connect.with-an-ended-token"],
  },
  {
    id: "connect-stomp-frame-unchecked",
    what: "the frame STOMP is answered CONNECTED without a look at its token",
    patches: [
      patch(
        session,
        '      case "STOMP":\n',
        `        return this.#connect(headers);
      case "STOMP":
        this.#principal = ${anonymous};
        this.#state = "connected";
        clearTimeout(this.#connectTimer);
        this.#host.admit(this, this.#principal);
        return this.#reply("CONNECTED", { version: "1.2" });
      case "ROLLCALL":\n`,
      ),
    ],
    red: ["connect.stomp-frame-is-checked"],
  },
  {
    id: "connect-lower-case-header",
    what: "a lower-case authorization header is a credential, too",
    patches: [
      patch(
        session,
        'headers.get("Authorization") ?? ""',
        'headers.get("Authorization") ?? headers.get("authorization") ?? ""',
      ),
    ],
    red: ["connect.header-name-is-exact"],
  },
  {
    id: "connect-refusal-without-error",
    what: "a refused CONNECT is closed without a word",
    patches: [
      patch(
        session,
        authenticated,
        `const principal = await this.#authenticate(headers).catch(() => undefined);
    if (!principal) return this.#end(closeCodes.protocolError, "Authentication required");`,
      ),
    ],
    red: ["connect.refusal-is-error-then-close", "sockjs.refusal-closes"],
  },
  {
    id: "connect-refusal-stays-open",
    what: "a refused CONNECT gets ERROR, and the connection stays",
    patches: [
      patch(
        session,
        authenticated,
        `const principal = await this.#authenticate(headers).catch(() => undefined);
    if (!principal) return this.#reply("ERROR", { message: "Authentication required" });`,
      ),
    ],
    red: ["connect.refusal-is-error-then-close"],
  },
  {
    id: "connect-error-with-class-names",
    what: "ERROR names the exception and where it was thrown",
    patches: [
      patch(
        session,
        'throw new Refusal("Authentication required");',
        'throw new Refusal("io.jsonwebtoken.SignatureException at com.example.JwtService(JwtService.java:42)");',
      ),
    ],
    red: ["connect.error-reveals-nothing"],
  },
  {
    id: "connect-first-frame-ignored",
    what: "frames before CONNECT are ignored, and the connection stays",
    patches: [patch(session, 'throw new Refusal("Not connected");\n      headers', "return;\n      headers")],
    red: ["connect.first-frame"],
  },
  {
    id: "connect-first-frame-stored",
    what: "a SEND before CONNECT is stored and delivered, for whom it names",
    patches: [
      patch(
        session,
        'throw new Refusal("Not connected");\n      headers',
        `{
        if (frame.command === "SEND") {
          const { authorId } = JSON.parse(Buffer.from(frame.body).toString()) as { authorId: string };
          await this.#host.ports.send({ ...${anonymous}, userId: authorId }, "/pub/messages", Buffer.from(frame.body).toString());
        }
        throw new Refusal("Not connected");
      }\n      headers`,
      ),
    ],
    red: ["connect.first-frame"],
  },
  {
    id: "connect-twice",
    what: "a second CONNECT is answered CONNECTED",
    patches: [patch(session, 'if (this.#state === "connected") throw new Refusal("Already connected");', "")],
    red: ["connect.twice"],
  },
  {
    id: "connect-lowest-version",
    what: "the lowest common version is chosen",
    patches: [patch(session, "stompVersions.findLast(", "stompVersions.find(")],
    red: ["connect.highest-common-version"],
  },
  {
    id: "connect-versions-untold",
    what: "ERROR for an unknown version does not say which are known",
    patches: [patch(session, '{ version: stompVersions.join(",") }', "{}")],
    red: ["connect.no-common-version"],
  },
  {
    id: "connect-any-version",
    what: "an unknown version is taken for 1.2",
    patches: [
      patch(
        session,
        'pickVersion(headers.get("accept-version"));',
        'pickVersion(headers.get("accept-version")) ?? "1.2";',
      ),
    ],
    red: ["connect.no-common-version"],
  },
  {
    id: "connect-no-heart-beat-offer",
    what: "CONNECTED says heart-beat:0,0",
    patches: [patch(session, "`${heartBeatMs},${heartBeatMs}`", '"0,0"')],
    red: ["connect.heart-beat-offer"],
  },
  {
    id: "connect-no-heart-beats",
    what: "heart-beats are promised and not sent",
    patches: [patch(session, "() => this.#connection.send(beat),", "() => undefined,")],
    red: ["connect.heart-beats-flow"],
  },
  {
    id: "connect-silence-tolerated",
    what: "a client that broke its promise of heart-beats is kept",
    patches: [patch(session, '() => this.#fail("Heart-beat missing", closeCodes.tooSlow),', "() => undefined,")],
    red: ["connect.silent-client-is-dropped"],
  },
  {
    id: "connect-heart-beats-unasked",
    what: "heart-beats are sent, and wanted, though the client said 0,0",
    patches: [
      patch("server/stomp/heart-beat.ts", "if (clientMs === 0) return 0;", "if (clientMs === 0) return heartBeatMs;"),
    ],
    red: ["connect.no-heart-beats-unasked"],
  },
  {
    id: "connect-disconnect-without-receipt",
    what: "DISCONNECT closes at once, without the RECEIPT that was asked for",
    patches: [
      patch(
        session,
        'this.#receipt(headers);\n        return this.#end(closeCodes.normal, "");',
        'return this.#end(closeCodes.normal, "");',
      ),
    ],
    red: ["connect.disconnect-receipt", "frames.receipt-for-every-frame"],
  },
  {
    id: "connect-disconnect-is-an-error",
    what: "DISCONNECT without receipt is answered with ERROR",
    patches: [
      patch(
        session,
        'return this.#end(closeCodes.normal, "");',
        'return headers.has("receipt") ? this.#end(closeCodes.normal, "") : this.#fail("Connection closed", closeCodes.normal);',
      ),
    ],
    red: ["connect.disconnect-without-receipt"],
  },
];
