import { expect, test } from "vitest";
import { reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { htmlOf } from "./html.ts";

const page = htmlOf(reportOf(runOf(verdictsOfEachKind), runOf([])));

test("htmlOf() asks the network for nothing", () => {
  expect(page).not.toMatch(/\b(src|href|action|srcset|poster)\s*=|url\(|@import|<(link|img|iframe|object|embed)\b/i);
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
  expect(page).toContain("wire transcript, 1 lines");
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
  expect(ids).toHaveLength(2 * verdictsOfEachKind.length);
  expect(new Set(ids).size).toBe(ids.length);
});
