import { expect, test } from "vitest";
import { CookieJar } from "./cookies.ts";

const page = "http://127.0.0.1:8080/api/auth/login";

function jarOf(url: string, ...lines: string[]): CookieJar {
  const jar = new CookieJar();
  for (const line of lines) jar.storeLine(line, url);
  return jar;
}

test("CookieJar sends a cookie below its path only, and the longer path first", () => {
  const jar = jarOf(page, "a=1; Path=/", "b=2; Path=/api/auth", "c=3; Path=/other");
  expect(jar.header("http://127.0.0.1:8080/api/auth/refresh")).toBe("b=2; a=1");
  expect(jar.header("http://127.0.0.1:8080/api/users")).toBe("a=1");
  expect([...jar.cookies.keys()].toSorted()).toEqual(["a", "b", "c"]);
  expect(jar.refused).toEqual([]);
});

test("CookieJar takes the folder of the URL for a cookie without a path", () => {
  const jar = jarOf(page, "a=1");
  expect(jar.header("http://127.0.0.1:8080/api/auth/refresh")).toBe("a=1");
  expect(jar.header("http://127.0.0.1:8080/api/users")).toBe("");
});

test.each([
  "a=gone; Path=/; Max-Age=0",
  "a=gone; Path=/; Max-Age=-1",
  "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
])("CookieJar forgets a cookie by %j", (line) => {
  expect(jarOf(page, "a=1; Path=/", line).header()).toBe("");
});

test("CookieJar does not take an empty value for a cookie, though it is sent", () => {
  const jar = jarOf(page, "a=1; Path=/", "a=; Path=/");
  expect(jar.cookies.has("a")).toBe(false);
  expect(jar.header()).toBe("a=");
});

test("CookieJar keeps a quoted value as it is, the last of a repeated name, and what expires later", () => {
  const later = new Date(Date.now() + 60_000).toUTCString();
  const jar = jarOf(page, 'q="a b"', "twice=1", "twice=2", "later=1; Max-Age=60", `dated=1; Expires=${later}`);
  expect(jar.header()).toBe('q="a b"; twice=2; later=1; dated=1');
});

test.each(["http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/", "https://chat.example.org/"])(
  "CookieJar keeps and sends a Secure cookie at %s",
  (url) => {
    const jar = jarOf(url, "a=1; Secure", "__Host-b=2; Secure; Path=/");
    expect(jar.refused).toEqual([]);
    expect(jar.header(url)).toBe("a=1; __Host-b=2");
  },
);

test.each([
  ["a=1; Secure", "Secure"],
  ["a=1; Domain=other.example", "domain"],
  ["__Host-a=1; Path=/", "__Host"],
  ["a=1; SameSite=None", "SameSite=None and not Secure"],
  [`a=${"x".repeat(4_096)}`, "longer than 4096 characters"],
])("CookieJar reports what browsers refuse, and sends it nevertheless: %j", (line, reason) => {
  const url = "http://chat.example.org/api/any";
  const jar = jarOf(url, line, line);
  const [pair] = line.split(";");
  expect(jar.refused).toEqual([{ cookie: pair!.split("=")[0], reason: expect.stringContaining(reason) as string }]);
  expect(jar.header(url)).toBe(pair);
  expect(jar.cookies.size).toBe(1);
});

test("CookieJar forgets a refused cookie when the server does, and prefers one by the rules", () => {
  const url = "http://chat.example.org/";
  expect(jarOf(url, "a=1; Secure", "a=; Secure; Max-Age=0").header(url)).toBe("");
  expect(jarOf(url, "a=1; Secure", "a=2").header(url)).toBe("a=2");
});

test("CookieJar takes the instances of a target for one site", () => {
  const jar = jarOf("http://one.example:8080/", "a=1; Path=/");
  jar.storeLine("b=2; Path=/; Domain=two.example", "http://two.example:8081/");
  expect(jar.header("http://two.example:8081/api")).toBe("a=1; b=2");
  expect(jar.refused).toEqual([]);
});

test("CookieJar sends what was put in by hand instead of others of the name", () => {
  const jar = jarOf(page, "a=1; Path=/");
  jar.store({ name: "a", value: "forged" });
  expect(jar.header(page)).toBe("a=forged");
  expect(jar.cookies.get("a")?.value).toBe("forged");
});
