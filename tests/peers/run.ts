// `npm run peers [names]`: verifies servers that others wrote, each started from its packages and with a strict list of
// what its makers know, and writes docs/peers.md. A peer whose packages are not here is skipped, and says how to get
// them. Exit code 1: a peer does other than its list says.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readKnownFailures, type KnownFailures } from "../../cli/verify/known-failing.ts";
import { packageDir } from "../../deploy/images.ts";
import { runNow, start } from "../../drivers/programs.ts";
import { columnsOf, matrixMarkdown, type Column } from "../../reports/matrix.ts";
import type { Report, RunReport } from "../../reports/report.ts";
import { readReport } from "../../reports/write.ts";
import { freeRow } from "../../targets/compose/room.ts";
import { closedEnvironment } from "../../targets/environment.ts";
import { startBackend } from "../own/start.ts";

interface Peer {
  name: string;
  /** What it is, for the page. */
  what: string;
  /** A file without which it cannot start, and how to get it. */
  needs: readonly [file: string, how: string];
  folder: string;
  /** Made before it starts. */
  build?: readonly [string, ...string[]];
  command: readonly [string, ...string[]];
  env?: Record<string, string>;
  /** What `verify` gets beside the list and the folder of its report. */
  verify: (url: string, port: number) => { args: string[]; env?: Record<string, string> };
}

/** As many as RabbitMQ takes. */
const portsInARow = 11;

const maven = ["/usr/bin/mvn", "apt-get install maven openjdk-17-jre-headless"] as const;
const betterSse = {
  needs: [path.join(packageDir, "node_modules/better-sse/package.json"), "npm ci"],
  folder: "peers/better-sse",
  command: [process.execPath, "server.ts"],
  verify: (url) => ({ args: stream(url) }),
} as const satisfies Partial<Peer>;
const stream = (url: string): string[] => [
  `${url}/events`,
  "--system",
  "sse",
  "--publish-url",
  `${url}/publish`,
  "--replay",
];
const stomp = (url: string): string[] => [url.replace(/^http/, "ws"), "--system", "stomp"];

const peers: readonly Peer[] = [
  {
    name: "spring",
    what: "Spring Boot 3.5.7, simple broker (Maven)",
    needs: maven,
    folder: "peers/spring",
    build: ["mvn", "-q", "-B", "-ntp", "package"],
    command: ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", "target/peer.jar", "--server.address=127.0.0.1"],
    verify: (url) => ({ args: stomp(`${url}/stomp`), env: { ROLLCALL_STOMP_USERS: "" } }),
  },
  {
    name: "rabbitmq",
    what: "RabbitMQ, web-stomp (Debian)",
    needs: ["/usr/lib/rabbitmq/bin/rabbitmq-server", "apt-get install rabbitmq-server"],
    folder: "own/rabbitmq",
    command: ["sh", "start.sh"],
    verify: (url, port) => ({
      args: stomp(`${url}/ws`),
      env: {
        ROLLCALL_STOMP_USERS: "ann:secret,ben:secret,cem:secret,dan:secret",
        ROLLCALL_STOMP_TCP: `tcp://127.0.0.1:${port + 2}`,
      },
    }),
  },
  {
    name: "artemis",
    what: "ActiveMQ Artemis 2.40.0 (Maven)",
    needs: maven,
    folder: "peers/artemis",
    command: ["sh", "start.sh"],
    verify: (url, port) => ({
      args: stomp(`${url}/stomp`),
      env: { ROLLCALL_STOMP_USERS: "", ROLLCALL_STOMP_TCP: `tcp://127.0.0.1:${port}` },
    }),
  },
  {
    name: "nchan",
    what: "nchan, Nginx's module (Debian)",
    needs: ["/usr/lib/nginx/modules/ngx_nchan_module.so", "apt-get install libnginx-mod-nchan"],
    folder: "peers/nchan",
    command: ["sh", "start.sh"],
    verify: (url) => ({ args: stream(url) }),
  },
  { name: "better-sse", what: "better-sse 0.16.1 behind Express (npm)", ...betterSse },
  {
    name: "better-sse-text",
    what: "better-sse 0.16.1 with `serializer: String` (npm)",
    env: { SERIALIZER: "text" },
    ...betterSse,
  },
];

const listOf = (name: string): string => path.join(import.meta.dirname, `${name}.json`);

/** What a peer is known to break. */
const known = (name: string): KnownFailures => (existsSync(listOf(name)) ? readKnownFailures(listOf(name)) : new Map());

/** Its report. Throws when it cannot be built or started. */
async function verify({ name, folder, build, command, env: own, verify: how }: Peer, reports: string): Promise<Report> {
  const cwd = path.join(packageDir, "tests", folder);
  if (build !== undefined) {
    const built = runNow(build[0], build.slice(1), { cwd, deadlineMs: 500_000 });
    if (!built.ok) throw new Error(`cannot build ${name}: ${built.failure}`);
  }
  const port = await freeRow(portsInARow);
  await using backend = await startBackend(cwd, command, { PORT: String(port), SERVER_PORT: String(port), ...own });
  const { args, env } = how(backend.url, port);
  const list = listOf(name);
  const report = path.join(reports, name);
  const flags = ["--strict", "--report", report, ...(existsSync(list) ? ["--known-failing", list] : [])];
  const child = start(process.execPath, ["cli/rollcall.js", "verify", ...args, ...flags], {
    cwd: packageDir,
    stdio: "inherit",
    env: closedEnvironment({ ...env }),
  });
  await new Promise((resolve) => child.once("close", resolve));
  return readReport(report);
}

/** Whether it breaks what its list says and nothing else; what rests on that is not judged. */
function isListed({ runs, broken }: Report): boolean {
  const isFine = ({ verdicts }: RunReport): boolean => {
    const known = new Set(verdicts.filter(({ kind }) => kind === "expected").map(({ id }) => id));
    return verdicts.every(
      ({ kind, owner = "" }) =>
        ["pass", "expected", "unsupported", "not scored"].includes(kind) || (kind === "untested" && known.has(owner)),
    );
  };
  return broken.length === 0 && runs.every(isFine);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !peers.some((peer) => peer.name === name));
if (unknown.length > 0) {
  console.error(`no peer is called ${unknown.join(", ")}; there are ${peers.map(({ name }) => name).join(", ")}`);
  process.exit(3);
}
const reports = mkdtempSync(path.join(os.tmpdir(), "rollcall-peers-"));
const columns: Column[] = [];
let isAsListed = true;
for (const peer of peers) {
  if (asked.length > 0 && !asked.includes(peer.name)) continue;
  if (!existsSync(peer.needs[0])) {
    console.log(`${peer.name}: skipped; next: ${peer.needs[1]}`);
    continue;
  }
  console.log(`${peer.name}: ${peer.what}`);
  const report = await verify(peer, reports);
  if (!isListed(report)) {
    console.log(`${peer.name}: not as tests/peers/${peer.name}.json says; its report: ${reports}/${peer.name}`);
    isAsListed = false;
  }
  // What a run met beside the reasons has names and times that no other run has.
  columns.push(...columnsOf(peer.name, report, known(peer.name)));
}
// The page is about all of them.
if (isAsListed && columns.length === peers.length) {
  const page = path.join(packageDir, "docs/peers.md");
  const head = [
    "# Peers",
    "",
    "Servers that others wrote, verified with the bare profiles. Generated by `npm run peers`; do not edit. *expected*: it",
    "breaks the clause, and tests/peers has the reason. – : not judged, for it lacks what the clause is about.",
    "",
    ...peers.map(({ name, what }) => `- **${name}**: ${what}`),
    "",
  ];
  writeFileSync(page, `${head.join("\n")}\n${matrixMarkdown(columns)}`);
  console.log(`written: ${path.relative(process.cwd(), page)}`);
}
if (isAsListed) rmSync(reports, { recursive: true });
process.exitCode = isAsListed ? 0 : 1;
