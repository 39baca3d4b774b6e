// Why did a service not come up? Compose names the container and removes it; its last words would be lost. So while a
// stack starts, the engine's events are followed, and the log of a container that dies or turns unhealthy is kept.

import { createInterface } from "node:readline";
import { run, start } from "../../drivers/programs.ts";

const logLinesKept = "25";

export interface DeathWatch {
  /** Ends the watch. Resolves with what the dead containers said, "" when none died. */
  end(): Promise<string>;
}

export function watchDeaths(project: string): DeathWatch {
  const filters = [
    `label=com.docker.compose.project=${project}`,
    "event=die",
    "event=health_status: unhealthy",
  ].flatMap((filter) => ["--filter", filter]);
  const events = start("docker", ["events", ...filters, "--format", "{{.Actor.Attributes.name}}"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const reports = new Map<string, Promise<string>>();
  createInterface({ input: events.stdout }).on("line", (name) => {
    if (!reports.has(name)) reports.set(name, lastWords(name));
  });
  return {
    async end() {
      events.kill();
      return (await Promise.all(reports.values())).filter(Boolean).join("\n");
    },
  };
}

async function lastWords(container: string): Promise<string> {
  try {
    const { stdout, stderr } = await run("docker", ["logs", "--tail", logLinesKept, container], { deadlineMs: 5_000 });
    return `${container} said last:\n${stdout}${stderr}`;
  } catch (error) {
    // Compose removes the others after the first death; what they said is of no interest.
    const message = error instanceof Error ? error.message : String(error);
    return /marked for removal|No such container/.test(message)
      ? ""
      : `${container} died, and its log cannot be read: ${message}`;
  }
}
