// `import "rollcall/vitest"`: the `expect` of Vitest 5 learns `toBeDeliveredExactlyOnce()`, with its type.

import { expect } from "vitest";
import { deliveryMatchers, type DeliveryMatchers } from "./reports/delivery-matcher.ts";

expect.extend(deliveryMatchers);

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, no-unused-vars -- as Vitest declares it
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends DeliveryMatchers<R> {}
}
