// The Compose plugin (v2). Debian's next release has it as one static binary, so on Debian it is taken from there by an
// apt configuration of its own (nothing of the system's is touched) and put into ~/.docker/cli-plugins. Elsewhere it
// comes with Docker.

import { chmod, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { debianMirror } from "./debian.ts";
import { firstLine, NextStep, openWorkFolder, run, say } from "./run.ts";

export const pluginVersion = (): string | undefined => firstLine("docker", ["compose", "version", "--short"]);

export async function installPlugin(): Promise<void> {
  const mirror = debianMirror();
  if (mirror === undefined)
    throw new NextStep(
      "Cannot install the Compose plugin: not Debian",
      "install the Docker Compose plugin (v2.20 or later), as Docker's documentation says",
    );
  say("compose", "taking the plugin from Debian trixie");
  await using folder = await openWorkFolder("plugin");
  await writeAptFolder(folder.path, mirror);
  const where = { cwd: folder.path, env: { APT_CONFIG: path.join(folder.path, "apt.conf") } };
  await run("apt-get", ["update", "-q"], where);
  await run("apt-get", ["download", "-q", "docker-compose"], where);
  const deb = (await readdir(folder.path)).find((name) => name.endsWith(".deb"));
  if (deb === undefined) throw new Error("Cannot install the Compose plugin: apt-get download left no package");
  await run("dpkg", ["-x", deb, "unpacked"], where);
  const plugins = path.join(process.env["DOCKER_CONFIG"] ?? path.join(os.homedir(), ".docker"), "cli-plugins");
  await mkdir(plugins, { recursive: true });
  const plugin = path.join(plugins, "docker-compose");
  await copyFile(path.join(folder.path, "unpacked/usr/libexec/docker/cli-plugins/docker-compose"), plugin);
  await chmod(plugin, 0o755);
  say("compose", `version ${pluginVersion() ?? "unknown"} is in place`);
}

/** A state, a cache and a list of sources of its own; keys and proxies stay the machine's. */
async function writeAptFolder(folder: string, mirror: string): Promise<void> {
  for (const name of ["state/lists/partial", "cache/archives/partial", "parts"])
    await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, "sources.list"), `deb ${mirror} trixie main\n`);
  // Root would fetch as the user _apt, who may not read the home of root.
  const lines = [
    `Dir::State "${folder}/state";`,
    `Dir::State::status "/dev/null";`,
    `Dir::Cache "${folder}/cache";`,
    `Dir::Etc::SourceList "${folder}/sources.list";`,
    `Dir::Etc::SourceParts "${folder}/parts";`,
    `APT::Sandbox::User "${os.userInfo().username}";`,
    `Acquire::Languages "none";`,
  ];
  await writeFile(path.join(folder, "apt.conf"), `${lines.join("\n")}\n`);
}
