import { expect, test } from "vitest";
import { againOf, configFlag, withoutCredentials } from "./again.ts";

const url = "http://127.0.0.1:8080";

test("againOf() repeats what decides what is judged, as a shell takes it", () => {
  const options = {
    config: "our server/rollcall.config.ts",
    capability: ["admin", "patience"],
    topicPrefix: "chat",
    knownFailing: "known.json",
    strict: true,
    house: true,
    system: "discodeit-1",
    only: "connect",
    report: "out",
    seed: "7",
    yes: true,
  };
  expect(againOf([url, `${url}/events?room=1`], options)).toBe(
    `${url} '${url}/events?room=1' --config 'our server/rollcall.config.ts' --topic-prefix chat --capability admin patience --strict --house --known-failing known.json`,
  );
});

test("againOf() repeats how something comes on a stream", () => {
  const options = { publish: "send 'a room' {marker}", replay: true };
  expect(againOf([url], options)).toBe(`${url} --publish 'send '\\''a room'\\'' {marker}' --replay`);
});

test("a URL in a report has no credentials", () => {
  const stream = `${url}/events?room=1&access_token=abc.def&after=7`;
  expect(withoutCredentials(stream)).toBe(`${url}/events?room=1&access_token=…&after=7`);
  expect(againOf([`${url}/events?apiKey=abc`], {})).toBe(`'${url}/events?apiKey=…'`);
});

test("againOf() of our own server says so, and names no port that is gone", () => {
  expect(againOf([], { house: true })).toBe("--embedded --house");
  expect(againOf([], { faults: true, minutes: "5", seed: "7" })).toBe("--minutes 5 --seed 7");
});

test("configFlag() is about a file that was named", () => {
  expect([configFlag(undefined), configFlag("it's.json")]).toEqual(["", " --config 'it'\\''s.json'"]);
});
