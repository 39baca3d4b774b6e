/** The command line is wrong; exit 3. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
