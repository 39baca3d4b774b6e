// Nothing that opens a door leaves a run: every password, token and cookie that went over the wire is looked for in all
// that was printed and written. The server answers so wrongly that transcripts of sign-up, login and refresh become
// evidence.

import { readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { patch, startFaulty } from "../../targets/faulty.ts";
import { openFolder, rollcall } from "./rollcall.ts";

/** Passes connections on to a port and keeps all that went over them, in both directions. */
async function openTap(port: number): Promise<AsyncDisposable & { url: string; text(): string }> {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    const inner = connect(port, "127.0.0.1");
    for (const side of [socket, inner]) side.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.pipe(inner).pipe(socket);
    socket.on("error", () => inner.destroy());
    inner.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: tapPort } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${tapPort}`,
    text: () => Buffer.concat(chunks).toString("latin1"),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Passwords, tokens and cookies in what went over the wire. */
function secretsIn(text: string): Set<string> {
  const patterns = [
    /"password":"([^"]+)"/gi,
    /[?&\n]password=([^&\s]+)/gi,
    /"newPassword":"([^"]+)"/gi,
    /bearer ([\w.-]{20,})/gi,
    /set-cookie: [^=\r\n]+=([^;\r\n]+)/gi,
    /(eyJ[\w-]+\.[\w-]+\.[\w-]+)/g,
  ];
  return new Set(
    patterns
      .flatMap((pattern) => [...text.matchAll(pattern)].map(([, secret]) => secret!))
      .filter((secret) => secret.length >= 6),
  );
}

test.concurrent.each(["discodeit-1", "discodeit-2"] as const)(
  "%s: no password, token or cookie is printed or written",
  async (system) => {
    const fault = {
      id: "leaky",
      what: "scripts can read login's cookie, sign-up answers 200, the oldest version of STOMP is spoken",
      system,
      patches: [
        patch(
          "server/systems/discodeit/routes/auth.ts",
          "{ httpOnly: true, maxAgeSeconds",
          "{ httpOnly: false, maxAgeSeconds",
        ),
        patch(
          "server/systems/discodeit/routes/users.ts",
          "response.status(201).json(user)",
          "response.status(200).json(user)",
        ),
        patch("server/stomp/session.ts", "stompVersions.findLast(", "stompVersions.find("),
      ],
    };
    await using server = await startFaulty(fault);
    await using tap = await openTap(Number(new URL(server.urls[system]).port));
    using folder = openFolder();
    const { code, stdout, stderr } = await rollcall([
      "verify",
      tap.url,
      "--system",
      system,
      "--only",
      "login,accounts.sign-up-returns-the-user,connect",
      "--report",
      folder.path,
    ]);
    const secrets = secretsIn(tap.text());
    const artefacts = new Map([
      ["stdout", stdout],
      ["stderr", stderr],
      ...readdirSync(folder.path).map((name) => [name, readFileSync(join(folder.path, name), "utf8")] as const),
    ]);
    expect(code).toBe(1);
    expect([...artefacts.keys()]).toEqual(["stdout", "stderr", "junit.xml", "report.html", "report.json"]);
    expect(secrets.size).toBeGreaterThan(30);
    for (const [name, text] of artefacts)
      for (const secret of secrets) expect(text.includes(secret), `${name} holds ${secret}`).toBe(false);
    // The test would be worth nothing if the transcripts were not there.
    for (const trace of [/"password\\":\\"‹[\da-f]{8}›/, /Authorization:Bearer ‹[\da-f]{8}›/])
      expect(artefacts.get("report.json")).toMatch(trace);
  },
);
