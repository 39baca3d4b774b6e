// How are a request's parts read? As of every system, and ids in paths as Discodeit's: a Problem names the field.

import { invalid } from "../domain/problem.ts";
import { idSchema } from "../domain/validation.ts";

export {
  addressOf,
  bearerOf,
  jsonBody,
  jsonBytesMax,
  parseJson,
  principalOf,
  shareOf,
  withBody,
} from "../../request.ts";

/** A UUID, in lower case. Throws Problem 400 whose details name `field`. */
export function idFrom(value: unknown, field: string): string {
  const result = idSchema.safeParse(value);
  if (result.success) return result.data;
  throw invalid({ [field]: value === undefined ? "is missing" : "must be a UUID" });
}
