import { expect, test } from "vitest";
import type { Evidence } from "../checkers/verdict.ts";
import { reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { htmlOf } from "./html.ts";
import { verdictBlock } from "./html-verdict.ts";
import { style } from "./html-style.ts";

const page = htmlOf(reportOf(runOf(verdictsOfEachKind), runOf([])));

test("htmlOf() asks the network for nothing", () => {
  // Links are followed by whoever clicks them.
  const still = page.replaceAll(/<a href="(#|https:\/\/)[^"]*"/g, "<a");
  expect(still).not.toMatch(/\b(src|href|action|srcset|poster)\s*=|url\(|@import|<(link|img|iframe|object|embed)\b/i);
  // One script, ours; nothing of the target's may become another.
  expect(page.match(/<script\b[^>]*>/gi)).toEqual(["<script>"]);
  expect(page).not.toMatch(/\b(fetch|XMLHttpRequest|WebSocket|EventSource|import)\s*\(/);
});

test("htmlOf() escapes every text", () => {
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; &#39;single&#39;");
  expect(page).not.toContain("alert(1)</script>");
});

test("htmlOf() shows what is not pass before what is, with reason, diagnosis and transcript", () => {
  const at = (text: string): number => page.indexOf(text);
  expect(at("send.example-fail")).toBeGreaterThan(0);
  expect(at("send.example-fail")).toBeLessThan(at("send.example-pass"));
  expect(page).toContain('<p class="diagnosis">dots, not slashes');
  expect(page).toContain("cause <code>send.example-weak</code> · again: ");
  expect(page).toContain("the whole wire transcript, 1 line<");
  expect(page).toContain("1.3 ms</td><td>stomp A#1 ←</td><td>MESSAGE");
});

test("htmlOf() shows a run without verdicts as one in which nothing ran", () => {
  expect(page).toContain("0 of 289 clauses scored, 0 of 0 selected ones judged");
  expect(page).toContain("exit code 2");
});

test("htmlOf() marks the finding of a story, and the line about whoever it is about", () => {
  const stories = [
    [
      "lost: bob never heard a",
      "1.0 s  alice sent it",
      "▶ bob (websocket) NEVER HEARD IT",
      "carol (websocket) NEVER HEARD IT",
    ],
  ];
  const marked = htmlOf(reportOf(runOf([{ ...verdictsOfEachKind[0]!, stories }])));
  expect(marked).toContain('<summary class="fail finding">lost: bob never heard a</summary>');
  expect(marked).toContain('<li class="fail finding">▶ bob (websocket) NEVER HEARD IT</li>');
  expect(marked).toContain('<li class="fail">carol (websocket) NEVER HEARD IT</li>');
});

test("htmlOf() gives each clause an anchor of its own, in every run", () => {
  const two = htmlOf(
    reportOf(runOf(verdictsOfEachKind), {
      ...runOf(verdictsOfEachKind),
      target: { ...runOf([]).target, system: "discodeit-2" },
    }),
  );
  const ids = [...two.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id) => id!.includes(":"))).toHaveLength(2 * verdictsOfEachKind.length);
  expect(new Set(ids).size).toBe(ids.length);
  // Every link within the page leads somewhere.
  const links = [...two.matchAll(/<a href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  expect(links).toContain("source-stomp-send");
});

test("htmlOf() puts what was expected beside what was observed", () => {
  const block = verdictBlock({ ...verdictsOfEachKind[0]!, text: "It holds.", because: "it came twice" }, true, "s");
  expect(block).toContain("<div><dt>expected</dt><dd>It holds.</dd></div><div><dt>observed</dt><dd>it came twice</dd>");
});

test("htmlOf() says why a clause is untested in the owner's words, and folds what its own proof met", () => {
  const because = "login.returns-the-token says why: answered 500";
  const untested = { ...verdictsOfEachKind[3]!, because, met: "nothing within 1500 ms" };
  const block = verdictBlock(untested, true, "s");
  expect(block).toContain(
    '<dt>observed</dt><dd><a href="#s:login.returns-the-token">login.returns-the-token</a> says why: answered 500</dd>',
  );
  expect(block).toContain("<details><summary>what its own proof met</summary><p>nothing within 1500 ms</p></details>");
});

const line = (connection: string): Evidence => ({ atMs: 1, connection, direction: "received", text: connection });
const evidence = ["rest A", "stomp A#1", "stomp B#1", "sse B", "rest B", "rest fence"].map(line);

test("the transcript is reduced to the connection under judgement, the whole one is folded", () => {
  const block = verdictBlock({ ...verdictsOfEachKind[0]!, evidence, connection: "sse B" }, true, "s");
  expect(block).toMatch(/wire transcript of sse B, 1 line<.*the whole wire transcript, 6 lines/s);
});

test("htmlOf() filters by verdict, level and area", () => {
  for (const what of ["verdict", "level", "area"]) expect(page).toContain(`<select aria-label="${what}">`);
  expect(page).toContain("<option>send</option>");
  expect(page).toContain('data-kind="fail" data-level="MUST" data-area="send"');
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (color: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

test.each(["light", "dark"])("every colour of text is readable on the page, in %s: WCAG AA", (scheme) => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.478, 3);
  const [light, dark] = style.split("@media (prefers-color-scheme: dark)") as [string, string];
  const variables = (css: string): Map<string, string> =>
    new Map([...css.matchAll(/--(\w+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name!, color!]));
  const colors = variables(scheme === "light" ? light : dark);
  expect([...colors.keys()]).toEqual([...variables(light).keys()]);
  const texts = new Set([...style.matchAll(/[{\s;]color: ([^;}]+)/g)].map(([, value]) => value!.trim()));
  expect([...texts].filter((value) => !/^(inherit|var\(--\w+\))$/.test(value))).toEqual([]);
  const names = [...texts].flatMap((value) => /--(\w+)/.exec(value)?.[1] ?? []);
  for (const name of names) expect(contrast(colors.get(name)!, colors.get("page")!), name).toBeGreaterThanOrEqual(4.5);
  // What shows where a field is: 3 to 1.
  expect(contrast(colors.get("mark")!, colors.get("page")!)).toBeGreaterThanOrEqual(3);
});
