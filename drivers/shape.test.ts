import { expect, test } from "vitest";
import { z } from "zod";
import { shapeFaults } from "./shape.ts";

const user = z.object({ id: z.string(), role: z.enum(["USER", "ADMIN"]), online: z.boolean() });

const faultsOf = (value: unknown): string => shapeFaults(value, z.array(user).safeParse(value).error!);

test("shapeFaults() names what is missing, and what is there in another shape", () => {
  expect(faultsOf([{ id: "1", online: true }])).toBe("0.role is missing");
  expect(faultsOf([{ id: null, role: "GUEST", online: true }])).toMatch(/^0\.id: .*null; 0\.role: .*"USER"/);
  expect(faultsOf(undefined)).toBe("it is missing");
  expect(faultsOf({})).toMatch(/^it: .*array/);
});
