import { expect, test } from "vitest";
import { isUnambiguous, isVisible, nameKey, normalName } from "./names.ts";

const good = (name: string): boolean => isVisible(name) && isUnambiguous(normalName(name));

test("good names: Korean, Latin with accents, Cyrillic, Greek, Japanese, Arabic, Hindi, emoji", () => {
  for (const name of [
    "홍길동",
    "길동 Hong",
    "Zoë",
    "Иван",
    "Ελένη",
    "山田たろう",
    "محمد",
    "हिन्दी",
    "สมชาย",
    "Nguyễn Văn An",
    "cat 🐈",
    "👨‍👩‍👧 family",
    "a_b-c.d",
  ]) {
    expect(good(name), name).toBe(true);
  }
});

test("names that hide something, or pose as another's, are refused", () => {
  for (const name of [
    "ad\u200bmin", // zero-width space
    "admin\u200f", // right-to-left mark
    "\u202eadmin",
    "ad\u00admin", // soft hyphen
    "admin\ufeff",
    "admin\u3164", // Hangul filler
    "ad\u034fmin",
    "admin\ufe0f",
    "ad\tmin",
    "ad\nmin",
    "admin\u0085",
    "admin\u2028",
    "ad\u2800min",
    "admin\ue000", // private use
    "\u{e0061}dmin", // tag
    "\u0430dmin", // Cyrillic а
    "adm\u0456n",
    "adm\u03b9n", // Greek ι
    "\u03b1dmin",
    "αдмин",
    "ad\u0585min", // Armenian օ
    "\u0301admin",
    "admi\u0301\u0302\u0303\u0304\u0305n",
  ]) {
    expect(good(name), JSON.stringify(name)).toBe(false);
  }
});

test("nameKey() is one for names that people take for the same", () => {
  for (const twin of [
    "Admin",
    "ADMIN",
    "ａｄｍｉｎ",
    "𝐚𝐝𝐦𝐢𝐧",
    "ⓐdmin",
    " admin ",
    "admın",
    "ad\u200bmin",
    "admin\u202e",
  ])
    expect(nameKey(twin), twin).toBe("admin");
  expect(nameKey("Zoe\u0308")).toBe(nameKey("ZO\u00cb"));
  expect(nameKey("각".normalize("NFD"))).toBe(nameKey("각"));
  expect(nameKey("Straße")).toBe(nameKey("STRASSE"));
  expect(nameKey("a\u00a0\u3000b")).toBe("a b");
  expect(nameKey("ΟΔΥΣΣΕΥΣ")).toBe(nameKey("οδυσσευς"));
});

test("nameKey() keeps apart what people do", () => {
  expect(new Set(["zoe", "zoë", "jose", "josé", "홍길동", "홍길돈", "ab", "a b"].map(nameKey)).size).toBe(8);
  expect(nameKey(nameKey("ﬁne ÀÉ"))).toBe(nameKey("ﬁne ÀÉ"));
});

test("normalName() keeps case and what is seen", () => {
  expect(normalName("  Ａｎｎ\u3000Bee ")).toBe("Ann Bee");
  expect(normalName("홍길동".normalize("NFD"))).toBe("홍길동");
});
