// The images of the stack: pulled where a registry answers, else built from packages. Ours share one base, made by
// mmdebstrap on the machine itself (its mirror, its proxies) with all packages in one go: faster than five builds, and
// no network is needed inside a build.

import { copyFile, cp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  baseImage,
  basePackages,
  builtImages,
  imageRecipes,
  imagesEnvFile,
  imageVariables,
  missingImages,
  officialImages,
  packageDir,
  type ImageVariable,
} from "../../deploy/images.ts";
import { debianMirror } from "./debian.ts";
import { onPath } from "./engine.ts";
import { cacheDir, NextStep, openWorkFolder, run, runAsRoot, say, type Consent } from "./run.ts";

export async function installImages(consent: Consent): Promise<void> {
  const refusal = await pullAll();
  if (refusal === undefined) {
    await rm(imagesEnvFile, { force: true });
    return say("images", "official images are here");
  }
  say("images", `no registry answers (${refusal}): building from packages`);
  await buildAll(consent);
  const lines = Object.entries(builtImages()).map(([variable, name]) => `${variable}=${name}`);
  await writeFile(
    imagesEnvFile,
    `# Written by rollcall doctor: no registry answered, these images were built from packages.\n${lines.join("\n")}\n`,
  );
  say("images", `built; named in ${imagesEnvFile}`);
}

/** Pulls the official images. Returns why not, when a registry does not give the first of them. */
async function pullAll(): Promise<string | undefined> {
  const [first, ...others] = missingImages(Object.values(officialImages()));
  if (first === undefined) return undefined;
  try {
    say("images", `pulling ${first}`);
    await run("docker", ["pull", "-q", first]);
  } catch (error) {
    return lastLine(error);
  }
  for (const name of others) say("images", `pulling ${name}`);
  await Promise.all(others.map((name) => run("docker", ["pull", "-q", name])));
  return undefined;
}

const lastLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1) ?? "";

async function buildAll(consent: Consent): Promise<void> {
  const missing = new Set(missingImages(Object.values(builtImages())));
  if (missing.size === 0) return;
  const mirror = debianMirror();
  if (mirror === undefined)
    throw new NextStep(
      "Cannot get the images: no registry answers, and building them needs Debian",
      "make a registry reachable (docker pull redis:8.0), then run this again",
    );
  await installBuilders(consent);
  await using folder = await openWorkFolder("images");
  await Promise.all([importBase(mirror, folder.path), prepareContexts(folder.path)]);
  for (const variable of imageVariables) await build(variable, folder.path);
}

async function installBuilders(consent: Consent): Promise<void> {
  const packages = [
    ["mmdebstrap", "mmdebstrap"],
    ["mvn", "maven"],
  ]
    .filter(([program]) => onPath(program ?? "") === undefined)
    .map(([, name]) => name ?? "");
  if (packages.length > 0)
    await runAsRoot("images", consent, "apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages]);
  if (process.getuid?.() !== 0)
    throw new NextStep("Cannot build the images: not root", "as root: npx rollcall doctor --fix");
}

async function importBase(mirror: string, folder: string): Promise<void> {
  const name = baseImage();
  if (missingImages([name]).length > 0) {
    const tar = path.join(folder, "base.tar");
    say("images", `base: Debian trixie with ${basePackages.join(", ")}`);
    await run("mmdebstrap", [
      "--mode=root",
      "--variant=minbase",
      `--include=${basePackages.join(",")}`,
      "--skip=cleanup/apt",
      "--dpkgopt=path-exclude=/usr/share/doc/*",
      "--dpkgopt=path-exclude=/usr/share/locale/*",
      "--dpkgopt=force-unsafe-io",
      // A cluster of Debian's own would only be in the way.
      '--essential-hook=mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"',
      '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*',
      "trixie",
      tar,
      `deb ${mirror} trixie main`,
    ]);
    say("images", "base: importing");
    await run("docker", ["import", "-c", 'CMD ["bash"]', tar, name]);
  }
}

/** One build context per image: its recipe and what must be fetched for it. */
async function prepareContexts(folder: string): Promise<void> {
  await cp(path.join(packageDir, "deploy/images"), folder, { recursive: true });
  await copyFile(process.execPath, path.join(folder, "server/node"));
  say("images", "kafka: jars by Maven");
  const repository = path.join(cacheDir, "maven");
  await run(
    "mvn",
    [
      "-q",
      "-B",
      `-Dmaven.repo.local=${repository}`,
      "-f",
      "pom.xml",
      "dependency:copy-dependencies",
      "-DoutputDirectory=libs",
    ],
    {
      cwd: path.join(folder, "kafka"),
    },
  );
  say("images", "kafka: jars are here");
}

async function build(variable: ImageVariable, folder: string): Promise<void> {
  const name = builtImages()[variable];
  // The classic builder: Debian's engine has no buildx.
  await run(
    "docker",
    ["build", "-q", "--build-arg", `BASE=${baseImage()}`, "-t", name, path.join(folder, imageRecipes[variable])],
    {
      env: { DOCKER_BUILDKIT: "0" },
    },
  );
  say("images", `built ${name}`);
}
