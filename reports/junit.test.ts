import { expect, test } from "vitest";
import { convert } from "xmlbuilder2";
import { reportOf, runOf, verdictsOfEachKind } from "./examples.ts";
import { junitOf } from "./junit.ts";

interface TestCase {
  "@name": string;
  "@classname": string;
  failure?: { "@message": string; "@type": string; "#": string };
  error?: { "@message": string; "@type": string };
  skipped?: { "@message": string };
}

interface Suite extends Record<string, unknown> {
  testcase: TestCase[];
}

/** Parses the XML again: what is not well-formed throws. */
function suiteOf(strict: boolean): Suite {
  const root = convert(junitOf(reportOf(runOf(verdictsOfEachKind, strict))), { format: "object" }) as unknown as {
    testsuites: { testsuite: Suite };
  };
  return root.testsuites.testsuite;
}

const rolesOf = (suite: Suite): Record<string, string> =>
  Object.fromEntries(
    suite.testcase.map((item) => [
      /example-([\w ]+)/.exec(item["@name"])![1]!,
      ["failure", "error", "skipped"].find((role) => role in item) ?? "pass",
    ]),
  );

test("junitOf() is well-formed XML 1.0, whatever the texts hold", () => {
  const xml = junitOf(reportOf(runOf(verdictsOfEachKind)));
  // eslint-disable-next-line no-control-regex -- these are what XML forbids
  expect(xml).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/);
  expect(xml.isWellFormed()).toBe(true);
  expect(xml).toContain("안녕 🎉");
  const suite = suiteOf(false);
  expect(suite.testcase).toHaveLength(9);
  expect(suite.testcase.find(({ failure }) => failure !== undefined)!.failure).toMatchObject({
    "@type": "fail",
    "@message": expect.stringContaining("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted") as string,
    "#": expect.stringMatching(/^diagnosis: dots[^]*1 ms stomp A#1 received: MESSAGE/) as string,
  });
});

test("junitOf() maps each kind of verdict to its role, and counts them", () => {
  const suite = suiteOf(false);
  expect(rolesOf(suite)).toEqual({
    pass: "pass",
    fail: "failure",
    weak: "skipped",
    untested: "skipped",
    unsupported: "skipped",
    "not scored": "skipped",
    expected: "skipped",
    inconclusive: "error",
    broken: "error",
  });
  expect(suite).toMatchObject({
    "@tests": "9",
    "@failures": "1",
    "@errors": "2",
    "@skipped": "5",
    "@timestamp": "2026-01-02T03:04:05.678Z",
  });
  expect(suite.testcase[0]).toMatchObject({ "@classname": "discodeit-1.send", "@time": "0.012" });
});

test("junitOf() counts weak as a failure when strict", () => {
  const suite = suiteOf(true);
  expect(rolesOf(suite)).toMatchObject({ weak: "failure" });
  expect(suite).toMatchObject({ "@failures": "2", "@skipped": "4" });
});

test("junitOf() writes what looks like a reference as text, in attributes and in evidence", () => {
  const [fail] = verdictsOfEachKind.filter(({ kind }) => kind === "fail");
  const text = "&#0; &#xFFFE; &bogus; &lt; &amp;";
  const evidence = [{ atMs: 1, connection: "rest A", direction: "received" as const, text }];
  const xml = junitOf(reportOf(runOf([{ ...fail!, because: text, evidence }])));
  expect(xml).not.toMatch(/&(?!(amp|lt|gt|quot|apos);)/);
  expect(xml.match(/&amp;#0; &amp;#xFFFE; &amp;bogus; &amp;lt; &amp;amp;/g)).toHaveLength(2);
});
