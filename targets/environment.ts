// Which of the caller's variables does a program of ours get? Those that say where things are on this machine, and no
// others: a DATABASE_URL or K6_OUT that the caller keeps for something else would lead a run astray. `rollcall serve`,
// Docker, and the commands of a user's config file are the user's own doing: they get everything.

/** Where programs, homes and temporary files are, in which language and time zone; the last two lines are Windows'. */
const passedOn = (
  "PATH HOME TMPDIR LANG LC_ALL TZ " +
  "SystemRoot SystemDrive ComSpec PATHEXT TEMP TMP " +
  "USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA"
).split(" ");

/** Certificate authorities that this machine trusts, for programs that talk to the target themselves. */
export const trustVariables = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"] as const;

/** The environment of a child process: `more`, and what it cannot do without, or what is named by `alsoPassed`. */
export function closedEnvironment(
  more: Readonly<Record<string, string>> = {},
  alsoPassed: readonly string[] = [],
  caller: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const names = [...passedOn, ...alsoPassed].filter((name) => caller[name] !== undefined);
  return { ...Object.fromEntries(names.map((name) => [name, caller[name]!])), ...more };
}
