import { expect, test } from "vitest";
import { distribution, parseMirror } from "./debian.ts";

test("parseMirror() reads deb822 sources and passes over security archives and disabled stanzas", () => {
  const sources = [
    "Types: deb\nURIs: http://mirror.invalid/debian-security\nSuites: bookworm-security\nComponents: main\n",
    "Types: deb\nEnabled: no\nURIs: http://off.invalid/debian\nSuites: bookworm\nComponents: main\n",
    "Types: deb deb-src\n# a comment\nURIs: http://mirror.invalid/debian http://second.invalid/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\n",
  ].join("\n");
  expect(parseMirror(sources)).toBe("http://mirror.invalid/debian");
});

test("parseMirror() reads one-line sources with and without options", () => {
  expect(
    parseMirror(
      "# deb http://old.invalid/debian bookworm main\ndeb [arch=amd64 signed-by=/k] https://mirror.invalid/debian bookworm main",
    ),
  ).toBe("https://mirror.invalid/debian");
  expect(parseMirror("deb http://mirror.invalid/debian bookworm contrib")).toBeUndefined();
  expect(parseMirror("deb https://apt.invalid/cloud-sdk cloud-sdk main")).toBeUndefined();
  expect(parseMirror("")).toBeUndefined();
});

test("distribution() distinguishes Debian and Ubuntu from others", () => {
  expect(distribution('NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')).toBe("debian");
  expect(distribution('ID="ubuntu"\nID_LIKE=debian\n')).toBe("ubuntu");
  expect(distribution("ID=alpine\nID_LIKE=debian\n")).toBe("other");
});
