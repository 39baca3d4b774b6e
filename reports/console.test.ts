import { expect, test, vi } from "vitest";
import { plain, printReport, Progress } from "./console.ts";
import { nasty, reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { htmlOf } from "./html.ts";
import type { RunReport } from "./report.ts";

/** What printReport() prints. */
const printed = (...run: Parameters<typeof runOf>): string => printedRun(runOf(...run));

function printedRun(run: RunReport): string {
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  using __ = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  printReport(run);
  return lines.join("\n");
}

test("printReport() tells what is not pass, why, and how it looked on the wire", () => {
  const text = printed(verdictsOfEachKind);
  for (const kind of ["fail", "weak", "untested", "expected", "inconclusive", "broken"])
    expect(text).toContain(`send.example-${kind}`);
  for (const kind of ["pass", "unsupported", "not scored"]) expect(text).not.toContain(`send.example-${kind}`);
  expect(text).toMatch(/diagnosis: dots, not slashes .* \(cause dots-not-slashes-/);
  expect(text).toContain("stomp A#1 ← MESSAGE⏎⏎");
  expect(text).toContain("1 clause: because");
  expect(text).toMatch(
    /1 pass, 1 fail, 1 weak, 1 untested, 1 unsupported, 1 expected, 1 inconclusive, 1 broken, 1 not scored · 7 of 289 clauses scored · receipts yes · order not kept/,
  );
  expect(text).toMatch(/next: npx rollcall verify --clean abc123$/m);
});

test("printReport() counts what is left behind, and names the first of it, in one line of a screen or two", () => {
  const run = runOf(verdictsOfEachKind);
  const why = `Cannot DELETE http://127.0.0.1:8080/api/channels/x: ${"connect ECONNREFUSED ".repeat(9)}`;
  run.manifest.leftBehind = Array.from({ length: 224 }, (_, at) => `channel 01a22529-75d6-7189-83ac-${at} (${why})`);
  const [line = ""] = /^.*left behind.*$/m.exec(printedRun(run)) ?? [];
  expect(line).toMatch(
    /left behind +224: channel \S+-0 .*; channel \S+-1 .*; channel \S+-2 .* and 221 more; next: npx rollcall verify --clean abc123$/,
  );
  expect(line.length).toBeLessThan(480);
});

test("printReport() names the configuration without which --clean does not know the system", () => {
  const run = runOf(verdictsOfEachKind);
  const target = { ...run.target, config: " --config ours/rollcall.config.ts" };
  expect(printedRun({ ...run, target })).toMatch(
    /left behind .*next: npx rollcall verify --clean abc123 --config ours\/rollcall\.config\.ts$/m,
  );
});

test("printReport() sends no control character of the target's to the terminal", () => {
  const text = printed([
    {
      ...verdictsOfEachKind[1]!,
      text: "A clause.",
      because: "\u001B]0;title\u0007 \u009B31m \r",
      evidence: [{ atMs: 1, connection: "rest", direction: "received", text: "\u001B[2J\u0008" }],
    },
  ])
    // eslint-disable-next-line no-control-regex -- colours are ours; anything else could steer the terminal
    .replaceAll(/\u001B\[\d+m/g, "");
  // eslint-disable-next-line no-control-regex -- see above
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
  expect(text).toContain("\uFFFD]0;title\uFFFD");
});

test("printReport() says that nothing was scored", () => {
  expect(printed([])).toContain("nothing ran · 0 of 289 clauses scored");
});

test("printReport() shows the last lines of a long transcript", () => {
  const evidence = Array.from({ length: 20 }, (_, at) => ({
    atMs: at,
    connection: "stomp A",
    direction: "sent" as const,
    text: `line ${at}.`,
  }));
  const text = printed([{ ...verdictsOfEachKind[1]!, text: nasty, evidence }]);
  expect(text).toContain("… 14 more lines in the report");
  expect(text).not.toContain("line 13.");
  expect(text).toContain("line 14.");
});

test("printReport() shows how a connection was opened before the last lines on it", () => {
  const directions = ["opened", ...Array.from({ length: 9 }, () => "received" as const)] as const;
  const evidence = directions.map((direction, at) => ({
    atMs: at,
    connection: "sse A",
    direction,
    text: `line ${at}.`,
  }));
  const text = printed([{ ...verdictsOfEachKind[1]!, because: "it was replayed twice", evidence }]);
  expect(text.match(/line \d\./g)).toEqual(["line 0.", "line 5.", "line 6.", "line 7.", "line 8.", "line 9."]);
});

test("printReport() shows the part of a long line that names what is judged", () => {
  const marker = "m-0123abcd-1~";
  const evidence = [
    { atMs: 1, connection: "rest A", direction: "sent" as const, text: `POST ${"x".repeat(300)}${marker} end` },
  ];
  const text = printed([{ ...verdictsOfEachKind[1]!, because: `nothing told of ${marker}`, evidence }]);
  expect(text).toMatch(/rest A → POST x+ … x+m-0123abcd-1~ end/);
});

test("Progress is silent without a terminal, but for a line now and then", () => {
  using write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const isTTY = process.stderr.isTTY;
  for (const [tty, quiet] of [
    [false, false],
    [true, true],
  ] as const) {
    process.stderr.isTTY = tty;
    const progress = new Progress({ quiet });
    progress.phase("a", "b");
    progress.end();
  }
  expect(write).not.toHaveBeenCalled();
  process.stderr.isTTY = false;
  using clock = vi.spyOn(performance, "now").mockReturnValue(0);
  const logged = new Progress({ quiet: false });
  for (const atMs of [10_000, 21_000, 30_000, 42_000]) {
    clock.mockReturnValue(atMs);
    logged.verdict("target", { id: `send.at-${atMs}`, kind: "pass" }, 1, 2);
  }
  expect(write.mock.calls.flat()).toEqual(["target: 1/2  send.at-21000\n", "target: 1/2  send.at-42000\n"]);
  process.stderr.isTTY = true;
  const progress = new Progress({ quiet: false });
  progress.verdict("target", { id: "send.x", kind: "fail" }, 1, 2);
  progress.end();
  process.stderr.isTTY = isTTY;
  expect(write.mock.calls.flat().join("")).toContain("1/2 ");
});

test("printReport() counts what Ctrl-C cut short", () => {
  const run = runOf([{ ...verdictsOfEachKind.find(({ kind }) => kind === "inconclusive")!, because: "interrupted" }]);
  run.manifest.interrupted = true;
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  using __ = vi.spyOn(console, "error").mockImplementation(() => {});
  printReport(run);
  expect(lines.join("\n")).toContain("1 clause: interrupted");
  expect(lines.join("\n")).not.toContain("send.example-inconclusive");
});

test("printReport() says once of what nothing is known, for the same reason", () => {
  const inconclusive = { ...verdictsOfEachKind.find(({ kind }) => kind === "inconclusive")!, because: "it went away" };
  const bare = ["send.one", "send.two", "tabs.three"].map((id) => ({ ...inconclusive, id, evidence: [] }));
  const text = printed([...bare, { ...inconclusive, id: "send.four", because: "it lies", evidence: [] }]);
  expect(text.match(/it went away/g)).toHaveLength(1);
  expect(text).toContain("3 clauses (send 2, tabs 1): it went away");
  expect(text).toContain("send.four");
});

test("printReport() says once of what nothing is known, for one diagnosis", () => {
  const inconclusive = { ...verdictsOfEachKind.find(({ kind }) => kind === "inconclusive")!, diagnosis: "it: mend it" };
  const text = printed(["send.one", "tabs.two"].map((id) => ({ ...inconclusive, id, because: `${id} was refused` })));
  expect(text).toMatch(/2 clauses \(send 1, tabs 1\): send\.one was refused\n.*diagnosis: it: mend it \(cause it\)/);
  expect(text.match(/mend it/g)).toHaveLength(1);
  expect(text).not.toContain("tabs.two");
});

test("printReport() says once of many clauses that they are late beside others and hold alone", () => {
  const weak = verdictsOfEachKind.find(({ kind }) => kind === "weak")!;
  const because = (ms: number): string => `late by ${ms} ms while others ran (no answer); alone it holds`;
  const crowded = ["send.one", "send.two", "tabs.three"].map((id, at) => ({ ...weak, id, because: because(at) }));
  const text = printed([...crowded, { ...weak, id: "send.other" }]);
  expect(text).toMatch(/^weak +3 clauses \(send 2, tabs 1\) were late while others ran, and hold alone: .*--jobs 2$/m);
  expect(text).toMatch(/^ +one of them: late by 0 ms/m);
  expect(text).toMatch(/^weak +send\.other/m);
  expect(text).not.toContain("tabs.three");
  expect(printed(crowded.slice(1))).toContain("tabs.three");
  // A server that only breaks under load has a fault to mend.
  const faults = crowded.map((verdict) => ({
    ...verdict,
    because: "answered 500 while others ran (x); alone it holds",
  }));
  expect(printed(faults)).toContain("tabs.three");
});

test("printReport() says each cause once, with what hangs on it and how to run it again", () => {
  const [, fail] = verdictsOfEachKind;
  const owner = { ...fail!, id: "login.returns-the-token", security: true as const };
  const untested = { ...fail!, kind: "untested" as const, owner: owner.id, because: "Cannot log in" };
  const text = printed([owner, { ...untested, id: "send.one" }, { ...untested, id: "tabs.two", level: "SHOULD" }]);
  expect(text).toContain("login.returns-the-token (MUST, security)");
  expect(text).toContain("untested because of it: 2 clauses, 1 MUST (send 1, tabs 1)");
  expect(text).not.toContain("send.one");
  expect(text).toContain(
    "again: npx rollcall verify http://127.0.0.1:8080 --system discodeit-1 --only login.returns-the-token",
  );
});

test("printReport() says of how many clauses the command runs some again", () => {
  const [, fail] = verdictsOfEachKind;
  const ids = Array.from({ length: 8 }, (_, at) => `send.number-${at}`);
  const text = printed(ids.map((id) => ({ ...fail!, id, diagnosis: "one diagnosis for all" })));
  expect(text).toMatch(
    /the same: .* and 1 more\n *again \(6 of 8\): npx rollcall verify \S+ --system discodeit-1 --only /,
  );
});

test("printReport() says what kept clauses from being tested where the clause about it cannot", () => {
  const unsupported = verdictsOfEachKind.find(({ kind }) => kind === "unsupported")!;
  const untested = verdictsOfEachKind.find(({ kind }) => kind === "untested")!;
  const because = "nothing came; send.example-unsupported, which is about that, is unsupported";
  const text = printed([unsupported, { ...untested, owner: unsupported.id, because }]);
  expect(text).toContain(`untested because of it: 1 clause, 1 MUST (send 1)\n      ${because}\n`);
});

test("printReport() gives what breaks no MUST a line, security first", () => {
  const weak = verdictsOfEachKind.find(({ kind }) => kind === "weak")!;
  const text = printed([
    { ...weak, id: "sse.not-cached" },
    { ...weak, id: "send.private-by-stranger", security: true },
  ]);
  expect(text.indexOf("send.private-by-stranger")).toBeLessThan(text.indexOf("sse.not-cached"));
  expect(text).toMatch(/security\nweak {2}send\.private-by-stranger.*\nthe rest\nweak {2}sse\.not-cached/);
});

test("printReport() says which instance hears what", () => {
  const run = runOf([]);
  const crossing =
    "what is said on http://one is heard on http://one only; what is said on http://two is heard nowhere";
  const lines: string[] = [];
  using _ = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  using __ = vi.spyOn(console, "error").mockImplementation(() => {});
  printReport({ ...run, baseline: { ...run.baseline, crossing } });
  expect(lines).toContain(`instances  ${crossing}`);
  expect(htmlOf(reportOf({ ...run, baseline: { ...run.baseline, crossing } }))).toContain(crossing);
});

test("printReport() says how to get what was not judged", () => {
  const unsupported = verdictsOfEachKind.find(({ kind }) => kind === "unsupported")!;
  const text = printed([{ ...unsupported, because: "needs two-instances, which the target does not declare" }]);
  expect(text).toContain("next: a second URL");
});

test("printReport() asks nobody for an admin who was given and is not let in", () => {
  const unsupported = verdictsOfEachKind.find(({ kind }) => kind === "unsupported")!;
  const because = "needs the admin's login, which fails: Cannot log in: answered 500";
  expect(printed([{ ...unsupported, because }])).not.toContain("ROLLCALL_ADMIN");
  expect(printed([{ ...unsupported, because: "needs admin, which the target does not declare" }])).toMatch(
    /next: ROLLCALL_ADMIN=/,
  );
});

test.each([
  "\u061C",
  "\u200E",
  "\u200F",
  "\u202A",
  "\u202E",
  "\u2066",
  "\u2069",
  "\u2028",
  "\u009B",
  "\uFEFF",
  "\uD800",
])("plain() shows %j as a replacement character", (mark) => {
  expect(plain(`a${mark}b`)).toBe("a\uFFFDb");
});

test("printReport() has one line for all that rests on one thing that a definition does not say", () => {
  const unsupported = verdictsOfEachKind.find(({ kind }) => kind === "unsupported")!;
  const because = "needs what the system's definition does not say: stomp";
  const text = printed([
    { ...unsupported, because },
    { ...unsupported, because: `${because}; promises: ["acks"]` },
    { ...unsupported, because: because.replace("stomp", "post") },
  ]);
  expect(text).toContain(`2 clauses: ${because}, and more\n`);
  expect(text).toContain(`1 clause: ${because.replace("stomp", "post")}\n`);
});

test("printReport() says that the order is unknown where nothing could be judged", () => {
  const run = runOf([]);
  const withNote = (note: string): string => printedRun({ ...run, baseline: { ...run.baseline, note } });
  for (const note of [
    "no message was heard: Timed out",
    "not measured: no text is said over STOMP",
    "watched for 10 seconds, as nobody can make an event come: 0 events and 1 comment came",
    "0 of 100 arrived in order",
  ])
    expect(withNote(note)).toContain(` · order unknown (${note})`);
  expect(withNote("a burst of 100 arrived with 2 neighbours swapped")).toContain("order not kept (a burst");
});

test("printReport() cuts a long reason so that one sees it", () => {
  const weak = verdictsOfEachKind.find(({ kind }) => kind === "weak")!;
  const because = `${"x".repeat(197)}\\u00e9 and so on`;
  expect(printed([{ ...weak, because }])).toMatch(/ x{197}…$/m);
});

test("printReport() says that weak clauses failed the run, and why", () => {
  const [, , weak] = verdictsOfEachKind;
  expect(weak!.kind).toBe("weak");
  const said = "1 clause that is weak failed the run, because of --strict";
  expect(printed([weak!], true).split("\n").at(-1)).toBe(said);
  expect(htmlOf(reportOf(runOf([weak!], true)))).toContain(said);
  for (const text of [printed([weak!]), printed(verdictsOfEachKind, true)])
    expect(text).not.toContain("failed the run");
});

test("printReport() says that nothing ran where nothing could, and why", () => {
  const unsupported = verdictsOfEachKind.find(({ kind }) => kind === "unsupported")!;
  const because = "needs proxy, which the target does not declare";
  const two = [unsupported, unsupported].map((verdict) => ({ ...verdict, because }));
  const last = (text: string): string => text.split("\n").at(-1)!;
  expect(last(printed(two))).toBe(`nothing ran: none of the 2 clauses that were selected was judged: ${because}`);
  expect(last(printed([...two, { ...unsupported, because: "else" }]))).toContain(
    `: ${because} (and 1 more reason, above)`,
  );
  expect(printed([...two, verdictsOfEachKind[0]!])).not.toContain("nothing ran");
});

test("printReport() names each URL once, whole", () => {
  const run = runOf([]);
  const headOf = (target: Partial<RunReport["target"]>): string =>
    printedRun({ ...run, target: { ...run.target, ...target } }).split("\n")[1]!;
  const url = "http://127.0.0.1:8080";
  expect(headOf({ name: url })).toBe(`${url} (discodeit-1)`);
  expect(headOf({ name: url, instances: [url, "http://two"] })).toBe(`${url} (discodeit-1) http://two`);
  const ws = "ws://127.0.0.1:8080/stomp";
  expect(headOf({ name: ws, addresses: [ws] })).toBe(`${ws} (discodeit-1)`);
  expect(headOf({ name: "our chat", addresses: [ws] })).toBe(`our chat (discodeit-1) ${ws}`);
});

test("printReport() says as which page the clients came, where it is not the target's own", () => {
  const run = runOf(verdictsOfEachKind);
  const { origin: _, ...nowhere } = run.target;
  expect(printedRun(run)).not.toMatch(/as a page|Origin/);
  expect(printedRun({ ...run, target: { ...nowhere, origin: "http://localhost:3000" } })).toContain(
    " · as a page of http://localhost:3000 · ",
  );
  expect(printedRun({ ...run, target: nowhere })).toContain(" · without an Origin, as no page is let in · ");
});

test("printReport() says how long the run waited because the target asked for it, once or often", () => {
  const run = runOf(verdictsOfEachKind);
  const printed = (count: number): string =>
    printedRun({ ...run, manifest: { ...run.manifest, limited: { count, waitedMs: 61_500 } } });
  expect(printed(1)).toMatch(/^limited  the target asked us once to come again later .*: waited 61\.5 s in all$/m);
  expect(printed(12)).toContain("asked us 12 times");
  expect(printedRun(run)).not.toContain("limited");
});

test("printReport() names what was under way when the target went away", () => {
  const run = runOf(verdictsOfEachKind);
  const outage = { fromMs: 2_000, lastedMs: 3_000, isOver: true };
  const outages = [outage, { ...outage, underWay: ["send.a", "send.b"] }];
  expect(printedRun({ ...run, manifest: { ...run.manifest, outages } })).toMatch(
    /3\.0 s, 2\.0 s after the start; what was under way was proved again\n.*proved again \(under way: send\.a, send\.b\)$/m,
  );
});
