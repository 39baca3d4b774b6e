import { expect, test } from "vitest";
import { diagnoses } from "./diagnosis.ts";

/** Classes, annotations and methods of one framework, and words of one system. */
const namesOfSpring =
  /\b(Spring|SseEmitter|emitters?|SimpleBroker|simple broker|interceptor|RoleHierarchy|set[A-Z]\w+)\b|@[A-Z]/;

test.each(Object.entries(diagnoses))("%s tells any server what is wrong, and Spring's names apart", (_, text) => {
  const [general, spring, ...more] = text.split("; in Spring: ");
  expect(more).toEqual([]);
  expect(general).not.toMatch(namesOfSpring);
  expect(general).toMatch(/: ./); // the cause, and how to mend it
  expect(spring ?? "one").not.toBe("");
  expect(text).not.toMatch(/\n/);
  expect(text.replace(/channel interceptor/, "")).not.toContain("channel");
});
