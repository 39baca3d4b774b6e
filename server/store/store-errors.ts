// Which failures of the database are its absence, and which are answers? Absence becomes StoreUnavailableError (503 for
// REST); answers, such as a broken unique constraint, stay as they are and carry a SQLSTATE in `code`. Source:
// PostgreSQL manual, appendix "Error Codes".

/** The database did not answer, or not in time. What was asked may or may not have happened. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

const uniqueViolation = "23505";

/**
 * Classes 08 (connection) and 53 (resources), 57P0x (shutting down), 57014 (statement time-out), 25P03 (a transaction
 * that stood still was ended).
 */
const absence = /^(08...|53...|57P0.|57014|25P03)$/;

/** The SQLSTATE of an answer of the database, or undefined for anything else. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The name of the constraint that was broken. */
export function brokenConstraint(error: unknown): string | undefined {
  if (sqlState(error) !== uniqueViolation) return undefined;
  return "constraint" in (error as object) ? String((error as { constraint: unknown }).constraint) : undefined;
}

/** What drivers add to an answer and no log may have: statements, parameters, rows. */
const contents = ["query", "params", "paramTypes", "detail", "where"];

/** Of what a driver threw: the error to pass on, without anybody's data in it. */
export function storeError(error: unknown): unknown {
  const state = sqlState(error);
  if (state !== undefined && !absence.test(state)) {
    for (const name of contents) Reflect.deleteProperty(error as object, name);
    return error;
  }
  if (error instanceof StoreUnavailableError) return error;
  const reason =
    error instanceof Error ? error.message || ("code" in error ? String(error.code) : error.name) : String(error);
  return new StoreUnavailableError(`Cannot reach the database: ${reason}`, { cause: error });
}
