// rollcall doctor: what does this machine lack, for which part, and what is the next step? With --fix it is installed:
// below ~/.cache/rollcall and ~/.docker/cli-plugins always; system packages and dockerd only as root on Debian or
// Ubuntu, each command printed first. Never sudo. Exit codes: 0 all there · 4 something is missing.

import type { Command } from "commander";
import pc from "picocolors";
import { findChromium } from "../../drivers/chromium.ts";
import { imagesInUse, missingImages } from "../../deploy/images.ts";
import { isEngineChosen, silence } from "../../targets/compose/engine.ts";
import { distribution } from "./debian.ts";
import { engineVersion, installEngine } from "./engine.ts";
import { installImages } from "./images.ts";
import { installK6, k6Version } from "./k6.ts";
import { installPlugin, pluginVersion } from "./plugin.ts";
import { cleanUpAtExit, NextStep, say, type Consent } from "./run.ts";

export interface Finding {
  part: string;
  neededFor: string;
  state: "ok" | "missing" | "optional";
  detail: string;
  /** What to do about it; absent when the part is there. */
  next?: string;
}

interface DoctorOptions {
  fix?: boolean;
  yes?: boolean;
  json?: boolean;
}

const fixStep = "npx rollcall doctor --fix";

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("say what this machine lacks for which part; --fix installs it")
    .option("--fix", "install what is missing")
    .option("--yes", "do not ask before system packages are installed or dockerd is started")
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  rollcall doctor                 what is missing, for what, and the command that gets it; changes nothing\n  rollcall doctor --fix           gets it; as root on Debian or Ubuntu system packages too, after a yes\n  rollcall doctor --fix --yes     asks nothing, for scripts and CI\n\nExit codes: 0 everything is here · 4 something is missing",
    )
    .action(async (options: DoctorOptions) => {
      process.exitCode = await doctor(options);
    });
}

/** Returns the exit code. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const refusals = options.fix === true ? await fixAll({ yes: options.yes === true }) : new Map<string, NextStep>();
  const findings = examine().map((finding) => {
    const refusal = refusals.get(finding.part);
    return finding.state === "missing" && refusal !== undefined
      ? { ...finding, detail: refusal.message.split("\n")[0] ?? "", next: refusal.next }
      : finding;
  });
  const ok = findings.every((finding) => finding.state !== "missing");
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ok, findings }, null, 2)}\n`);
  else print(findings, ok);
  return ok ? 0 : 4;
}

/** Looks at every part; changes nothing. */
export function examine(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const node = major > 22 || (major === 22 && minor >= 18) ? process.versions.node : undefined;
  const engine = engineVersion();
  const silent = engine === undefined && isEngineChosen() ? silence(process.env) : undefined;
  const images = engine === undefined ? undefined : missingImages();
  const chromium = findChromium();
  const kind = imagesInUse().built ? "built from packages" : "official";
  return [
    found("Node 22.18", "everything", node, "npm ci --include=optional (it brings Node 24), or install Node 24"),
    silent === undefined
      ? found("Docker engine", "npm test, rollcall stack", engine, fixStep)
      : { ...found("Docker engine", "npm test, rollcall stack", undefined, silent.next), detail: silent.what },
    found("Compose plugin", "npm test, rollcall stack", pluginVersion(), fixStep),
    {
      ...found("images", "npm test, rollcall stack", images?.length === 0 ? `all there, ${kind}` : undefined, fixStep),
      ...(images !== undefined && images.length > 0 && { detail: `missing: ${images.join(", ")}` }),
    },
    found("k6", "rollcall load", k6Version(), fixStep),
    {
      ...found("Chromium", "clauses about real pages", chromium, chromiumStep()),
      ...(chromium === undefined && { state: "optional", detail: "not there, not needed" }),
    },
  ];
}

const chromiumStep = (): string =>
  distribution() === "other" ? "install Chromium" : "as root: apt-get install -y --no-install-recommends chromium";

function found(part: string, neededFor: string, detail: string | undefined, next: string): Finding {
  return detail === undefined
    ? { part, neededFor, state: "missing", detail: "not there", next }
    : { part, neededFor, state: "ok", detail };
}

/** Installs what is missing, the slow things beside each other. Returns, by part, what only a person can do. */
async function fixAll(consent: Consent): Promise<Map<string, NextStep>> {
  cleanUpAtExit();
  const missing = new Set(
    examine()
      .filter((finding) => finding.state === "missing")
      .map((finding) => finding.part),
  );
  const refusals = new Map<string, NextStep>();
  const step = async (part: string, fix: () => Promise<void>): Promise<void> => {
    if (!missing.has(part)) return;
    try {
      await fix();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      const refusal =
        failure instanceof NextStep
          ? failure
          : new NextStep(failure.message, `see above, mend it, then run ${fixStep} again`, { cause: failure });
      say(part, refusal.message);
      refusals.set(part, refusal);
    }
  };
  const docker = async (): Promise<void> => {
    await step("Docker engine", () => installEngine(consent));
    if (engineVersion() === undefined) return;
    missing.add("images");
    if (missingImages().length === 0) missing.delete("images");
    await step("images", () => installImages(consent));
  };
  await Promise.all([docker(), step("Compose plugin", installPlugin), step("k6", installK6)]);
  return refusals;
}

function print(findings: readonly Finding[], ok: boolean): void {
  const width = Math.max(...findings.map((finding) => finding.part.length));
  const marks = { ok: pc.green("ok      "), missing: pc.red("missing "), optional: pc.dim("optional") };
  for (const finding of findings) {
    process.stdout.write(
      `${marks[finding.state]} ${finding.part.padEnd(width)}  ${finding.detail} ${pc.dim(`(for ${finding.neededFor})`)}\n`,
    );
    if (finding.next !== undefined) process.stdout.write(`         ${" ".repeat(width)}  → ${finding.next}\n`);
  }
  process.stdout.write(ok ? "Everything is here.\n" : `Something is missing; next: ${fixStep}\n`);
}
