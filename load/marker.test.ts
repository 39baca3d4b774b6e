import { expect, test } from "vitest";
import { findMarker, markerOf } from "./marker.ts";

const found = (text: string, from = 0, to = Buffer.byteLength(text)) => {
  const marker = { lane: -1, sequence: -1, dueUs: -1 };
  return findMarker(Buffer.from(text), from, to, marker) ? marker : undefined;
};

test("a marker is found wherever it stands", () => {
  const marker = { lane: 7, sequence: 120, dueUs: 1_234_567_890_123 };
  for (const text of [markerOf(marker), `{"content":"${markerOf(marker)}"}`, `@@@${markerOf(marker)}@ 안녕`])
    expect(found(text)).toEqual(marker);
});

test.each(["", "@@", "@@1.2@@", "@@1.2.@@", "@@.2.3@@", "@@1.2.3@", "@@1.x.3@@", "@@1.2.3 @@", "1.2.3"])(
  "%j is none",
  (text) => {
    expect(found(text)).toBeUndefined();
  },
);

test("nothing is read beyond the end, nor before the beginning", () => {
  const text = `@@1.2.3@@${markerOf({ lane: 4, sequence: 5, dueUs: 6 })}`;
  expect(found(text, 1)).toEqual({ lane: 4, sequence: 5, dueUs: 6 });
  expect(found(text, 1, text.length - 1)).toBeUndefined();
});
