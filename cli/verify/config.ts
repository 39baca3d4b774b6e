// A target's description in a file: rollcall.config.json, or a .ts/.js module whose default export has the same shape
// (`Config` of systems/config.ts). It may import "rollcall" without having installed it: that is this package.

import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { capabilities } from "../../contract/clause.ts";
import { HarnessError } from "../../drivers/errors.ts";
import { defineSystem, type System } from "../../systems/define.ts";
import type { Misspelt } from "../../systems/fields.ts";
import { systemNamed, systems } from "../../systems/systems.ts";
import type { SystemDefinition } from "../../systems/types.ts";
import { scenarios } from "../../runner/faults/scenarios.ts";
import { isCertificate } from "./settings.ts";
import { definitionInJson, withLines } from "./json-config.ts";
import { UsageError } from "./usage-error.ts";

const text = (example: string) => z.string(`expected a text, as ${JSON.stringify(example)}`);
const texts = (example: string) => {
  const words = `expected a list, as [${JSON.stringify(example)}]`;
  return z.array(text(example), words).min(1, words);
};

const targetShape = z.strictObject(
  {
    name: text("our chat").optional(),
    urls: texts("http://localhost:8080").optional(),
    proxy: text("http://localhost:3000").optional(),
    /** The page that the clients stand for, as browsers write its origin. */
    origin: text("http://localhost:3000").optional(),
    admin: z
      .strictObject(
        { username: text("admin"), password: text("secret") },
        'expected { "username": "admin", "password": "secret" }',
      )
      .optional(),
    kafka: z
      .strictObject(
        { brokers: texts("localhost:9092"), topicPrefix: text("chat").optional() },
        'expected { "brokers": ["localhost:9092"] }',
      )
      .optional(),
    redis: z
      .strictObject(
        {
          host: text("localhost"),
          port: z.int("expected a port, as 6379").positive("expected a port, as 6379"),
          password: text("secret").optional(),
        },
        'expected { "host": "localhost", "port": 6379 }',
      )
      .optional(),
    capabilities: z.array(z.enum(capabilities), `expected a list of ${capabilities.join(", ")}`).optional(),
    ca: text("-----BEGIN CERTIFICATE-----…")
      .refine(isCertificate, "no certificate in PEM (-----BEGIN CERTIFICATE-----)")
      .optional(),
    faults: z
      .partialRecord(
        z.enum(scenarios.map(({ id }) => id)),
        z.strictObject({ begin: text("docker kill app"), end: text("docker start app") }),
      )
      .optional(),
  },
  'expected { "urls": ["http://localhost:8080"] }',
);

const shape = z.strictObject(
  { target: targetShape.optional(), system: z.unknown().optional() },
  'expected an object with "target" and "system"; in TypeScript as the default export',
);

export type TargetConfig = z.infer<typeof targetShape> & { system?: System | undefined };

/** A built-in system by its name, or a definition that is checked. */
function systemOf(system: unknown, path: string): System | undefined {
  if (system === undefined) return undefined;
  if (typeof system === "object" && system !== null) {
    try {
      return defineSystem(path.endsWith(".json") ? definitionInJson(system, path) : (system as SystemDefinition));
    } catch (error) {
      if (error instanceof HarnessError) throw new UsageError(`${placeIn(path, error)}: system: ${error.message}`);
      throw error;
    }
  }
  const known = typeof system === "string" ? systemNamed(system) : undefined;
  if (known !== undefined) return known;
  const names = Object.keys(systems).join(", ");
  throw new UsageError(
    `${path}: system: unknown system ${JSON.stringify(system)}: known are ${names}; or a definition (defineSystem)`,
  );
}

/** The file, and the line of a word that is misspelt in it, if it is that. */
function placeIn(path: string, { cause }: HarnessError): string {
  const { word } = (cause ?? {}) as Partial<Misspelt>;
  if (word === undefined) return path;
  const at = readFileSync(path, "utf8")
    .split("\n")
    .findIndex((line) => line.match(/[\w.$-]+/g)?.includes(word));
  return at < 0 ? path : `${path}:${at + 1}`;
}

/** What is looked for in the working folder, the first one is taken. */
const defaultNames = ["ts", "js", "mjs", "json"].map((extension) => `rollcall.config.${extension}`);

/** The file that was named, or that of the working folder. Throws UsageError. */
export async function configOf(named: string | undefined): Promise<{ path: string; config: TargetConfig } | undefined> {
  const path = named ?? defaultNames.find((name) => existsSync(name));
  return path === undefined ? undefined : { path, config: await readConfig(path) };
}

/** Reads and checks a description. Throws UsageError that names the file and the field. */
async function readConfig(path: string): Promise<TargetConfig> {
  const parsed = shape.safeParse(await load(path));
  if (parsed.success) return { ...parsed.data.target, system: systemOf(parsed.data.system, path) };
  throw new UsageError(`--config ${path}: ${withLines(parsed.error.issues, path).join("; ")}`);
}

async function load(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new UsageError(`--config: there is no file ${path}`);
  try {
    if (path.endsWith(".json")) return JSON.parse(readFileSync(path, "utf8"));
    return await importDefault(pathToFileURL(resolve(path)).href);
  } catch (error) {
    if (error instanceof HarnessError) throw new UsageError(`${placeIn(path, error)}: system: ${error.message}`);
    throw new UsageError(`--config: cannot read ${path}: ${(error as Error).message}`);
  }
}

/** What "rollcall" gives, in the clone or compiled. */
const entryUrl = new URL(`../../index.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url).href;

/**
 * By its own syntax: a project of type "commonjs" may have a configuration that imports and exports, as editors write
 * it.
 */
async function importDefault(url: string): Promise<unknown> {
  const hooks = registerHooks({
    resolve: (wanted, context, nextResolve) =>
      wanted === "rollcall" ? { url: entryUrl, shortCircuit: true } : nextResolve(wanted, context),
    load(wanted, context, nextLoad) {
      const isOurs = wanted.startsWith("file:") && !wanted.includes("/node_modules/") && /\.[jt]s$/.test(wanted);
      if (!isOurs || !/^\s*(import|export)\s/m.test(readFileSync(new URL(wanted), "utf8")))
        return nextLoad(wanted, context);
      return nextLoad(wanted, { ...context, format: wanted.endsWith(".ts") ? "module-typescript" : "module" });
    },
  });
  try {
    return ((await import(url)) as { default?: unknown }).default;
  } finally {
    hooks.deregister();
  }
}
