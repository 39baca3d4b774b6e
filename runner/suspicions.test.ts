import { expect, test } from "vitest";
import type { Verdict } from "../checkers/verdict.ts";
import { TargetError, TimeoutError } from "../drivers/errors.ts";
import { nameCauses, type Suspicion } from "./suspicions.ts";
import type { World } from "./world.ts";

const verdict = (id: string, kind: Verdict["kind"], owner?: string): Verdict => ({
  id,
  kind,
  ...(owner === undefined ? {} : { owner }),
  level: "MUST",
  text: "It holds.",
  source: "x",
  durationMs: 1,
});

const verdicts = [
  verdict("sse.a", "fail"),
  verdict("sse.b", "weak"),
  verdict("sse.c", "untested", "sse.a"),
  verdict("x.d", "fail"),
];

/** The diagnoses that were given, and how many worlds were opened and closed for it. */
async function named(
  suspicion: Partial<Suspicion>,
  of: readonly Verdict[] = verdicts,
): Promise<{ given: (string | undefined)[]; worlds: number[] }> {
  const worlds = [0, 0] as [number, number];
  const openWorld = (): World => {
    worlds[0]++;
    return { [Symbol.asyncDispose]: () => Promise.resolve(void worlds[1]++) } as World;
  };
  const whole = {
    least: 1,
    concerns: ({ id }: Verdict) => id.startsWith("sse."),
    probe: () => Promise.resolve("a mistake"),
    ...suspicion,
  };
  return { given: (await nameCauses(of, [whole], openWorld)).map(({ diagnosis }) => diagnosis), worlds };
}

test("nameCauses() gives what is broken and concerned the diagnosis that its probe confirmed", async () => {
  expect(await named({})).toEqual({ given: ["a mistake", "a mistake", undefined, undefined], worlds: [1, 1] });
});

test.each<[string, () => Promise<string | undefined>]>([
  ["did not confirm it", () => Promise.resolve(undefined)],
  ["was let down by the target", () => Promise.reject(new TargetError("refused", "answered 500"))],
  ["waited in vain", () => Promise.reject(new TimeoutError("nothing came"))],
])("nameCauses() says nothing where the probe %s", async (_, probe) => {
  expect(await named({ probe })).toEqual({ given: verdicts.map(() => undefined), worlds: [1, 1] });
});

test("nameCauses() does not hide that a probe itself is wrong", async () => {
  await expect(named({ probe: () => Promise.reject(new Error("a mistake of ours")) })).rejects.toThrow("of ours");
});

test("nameCauses() does not ask where too few verdicts are concerned", async () => {
  expect(await named({ least: 4 })).toEqual({ given: verdicts.map(() => undefined), worlds: [0, 0] });
  const concerns = ({ id }: Verdict): boolean => id === "sse.c" || id === "sse.d";
  expect((await named({ least: 1, concerns })).worlds).toEqual([0, 0]);
});

test("nameCauses() asks for one verdict, too, on which others rest", async () => {
  const { given, worlds } = await named({ least: 2, concerns: ({ id }) => id === "sse.a" });
  expect(given).toEqual(["a mistake", undefined, undefined, undefined]);
  expect(worlds).toEqual([1, 1]);
});

test("nameCauses() asks for what is unclear, too, where the suspicion says so", async () => {
  const unclear = [verdict("sse.a", "inconclusive"), verdict("x.d", "inconclusive")];
  expect((await named({}, unclear)).worlds).toEqual([0, 0]);
  expect(await named({ explainsUnclear: true }, unclear)).toEqual({ given: ["a mistake", undefined], worlds: [1, 1] });
});
