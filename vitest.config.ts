import { defineConfig } from "vitest/config";

const contractTest = "tests/contract.test.ts";
/** What the web front ends do; on the stack it is one of the sentences of tests/e2e. */
const webClientTest = "tests/e2e/web-client.test.ts";
/** The chat page, and the panel of the other systems, in a real browser. */
const pageTests = "tests/e2e/{page,page-looks,panel}.test.ts";
/**
 * The verifier verified: servers with one fault each. A server takes a second of both processors to start, so few run
 * at a time.
 */
const faultyTests = "tests/verifier/*.test.ts";
/** Its own stacks lose an instance: to the Chromium of other tests each is a change of the network. */
const killedTest = "tests/e2e/killed-instance.test.ts";

// eslint-disable-next-line import/no-default-export -- vitest asks for it
export default defineConfig({
  test: {
    retry: 0,
    reporters: ["default", ["json", { outputFile: ".vitest/report.json" }]],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // Reading the modules anew for each file takes as long as all tests. Whatever a file changes it puts back.
          isolate: false,
          // Vitest leaves one processor free; some tests wait, and the tools beside them take what is left.
          maxWorkers: "100%",
          // The limit is for a machine that is busy with something else.
          testTimeout: 60_000,
          include: [
            "*.test.ts",
            "{contract,docs,systems,drivers,runner,checkers,targets,reports,cli,server,deploy,web,tests/load,load}/**/*.test.ts",
          ],
          exclude: [contractTest, faultyTests, "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "embedded",
          include: [contractTest, webClientTest, pageTests],
          provide: { targetName: "embedded" },
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "faulty",
          include: [faultyTests],
          testTimeout: 120_000,
          maxConcurrency: 2,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      // The command and the library as users meet them: processes of their own, few at a time.
      {
        extends: true,
        test: {
          name: "command",
          include: ["tests/{command,library}/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxConcurrency: 3,
          maxWorkers: 2,
        },
      },
      // One stack for all files of the project: the contract through Nginx and on both instances, and what users would
      // say.
      {
        extends: true,
        test: {
          name: "stack",
          include: [contractTest, "tests/e2e/**/*.test.ts"],
          exclude: [killedTest],
          provide: { targetName: "stack" },
          globalSetup: ["tests/stack.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      // Stacks that are broken on purpose: two at a time, after the others of the verifier's own tests.
      {
        extends: true,
        test: {
          name: "broken",
          include: ["tests/faults/{broken,foreign,row}.test.ts"],
          testTimeout: 240_000,
          maxConcurrency: 2,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      // Parts of a stack fail, and times are measured: after all others, alone.
      {
        extends: true,
        test: {
          name: "faults",
          include: ["tests/faults/faults.test.ts", killedTest],
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
