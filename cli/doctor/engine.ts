// The Docker engine: is it there, and if not, how does it get here? Only as root on Debian or Ubuntu: the packages
// docker.io and iptables, then systemd's service or, without systemd, a dockerd in its own session with its
// streams away from ours (who waits for the end of our output would wait for dockerd's). A killed dockerd leaves pid
// files behind that keep the next one from starting: those are removed.

import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { start } from "../../drivers/programs.ts";
import { isEngineChosen, silence } from "../../targets/compose/engine.ts";
import { distribution } from "./debian.ts";
import { cacheDir, confirm, firstLine, NextStep, runAsRoot, say, type Consent } from "./run.ts";

const logFile = path.join(cacheDir, "dockerd.log");
const pidFiles = ["/var/run/docker.pid", "/var/run/docker/containerd/containerd.pid"];
/** 3–6 s are usual; restoring many containers after a crash takes longer. */
const startDeadlineMs = 60_000;

/** The engine's version, or undefined when none answers. */
export const engineVersion = (): string | undefined =>
  firstLine("docker", ["info", "--format", "{{.ServerVersion}}"]) || undefined;

export async function installEngine(consent: Consent): Promise<void> {
  if (isEngineChosen()) {
    const { what, next } = silence(process.env);
    throw new NextStep(`Cannot install another Docker engine: ${what}`, next);
  }
  const daemon = onPath("dockerd");
  if (daemon === undefined || onPath("iptables") === undefined || onPath("docker") === undefined) {
    if (distribution() === "other")
      throw new NextStep(
        "Cannot install the Docker engine: not Debian or Ubuntu",
        "install Docker Engine or Docker Desktop, then run this again",
      );
    await runAsRoot("engine", consent, "apt-get", ["update", "-q"]);
    await runAsRoot("engine", consent, "apt-get", [
      "install",
      "-q",
      "-y",
      "--no-install-recommends",
      "docker.io",
      "iptables",
    ]);
  }
  if (engineVersion() === undefined) await startEngine(consent);
}

async function startEngine(consent: Consent): Promise<void> {
  if (process.getuid?.() !== 0) {
    const why = existsSync("/var/run/docker.sock") ? "is this user in the group docker?" : "is it started?";
    throw new NextStep(
      `Cannot reach the Docker engine: ${why}`,
      "as root: systemctl start docker (or start Docker Desktop)",
    );
  }
  if (existsSync("/run/systemd/system")) {
    await runAsRoot("engine", consent, "systemctl", ["start", "docker"]);
  } else {
    await confirm("engine", consent, `setsid dockerd > ${logFile}`);
    for (const file of pidFiles) removeStalePidFile(file);
    spawnDaemon();
  }
  await awaitEngine();
}

function spawnDaemon(): void {
  mkdirSync(cacheDir, { recursive: true });
  const log = openSync(logFile, "a");
  // `detached` is setsid.
  const daemon = start("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  daemon.unref();
  closeSync(log);
}

async function awaitEngine(): Promise<void> {
  const endMs = performance.now() + startDeadlineMs;
  for (;;) {
    const version = engineVersion();
    if (version !== undefined) return say("engine", `Docker ${version} answers`);
    if (performance.now() > endMs) {
      throw new NextStep(
        `Cannot start the Docker engine: no answer within ${startDeadlineMs / 1000} s`,
        `see ${logFile}`,
      );
    }
    await delay(200);
  }
}

/** Removes the file when its process is gone, or is another program that got the number since. */
export function removeStalePidFile(file: string): void {
  if (!existsSync(file)) return;
  const pid = readFileSync(file, "utf8").trim();
  const nameFile = `/proc/${pid}/comm`;
  const name = /^\d+$/.test(pid) && existsSync(nameFile) ? readFileSync(nameFile, "utf8").trim() : undefined;
  if (name !== undefined && /^(dockerd|containerd)/.test(name)) return;
  rmSync(file);
  say("engine", `removed ${file}: its process ${pid} is gone`);
}

export function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(folder, program);
    if (folder !== "" && existsSync(file)) return file;
  }
  return undefined;
}
