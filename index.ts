// What `import … from "rollcall"` gives. The description of a target and of a system of one's own; a chat for tests of
// one's own; histories and their judge; the drivers below all of it.

export { defineConfig, type Config, type TargetOptions } from "./systems/config.ts";
export { defineSystem, type System } from "./systems/define.ts";
export type * from "./systems/types.ts";

export {
  openChat,
  type Chat,
  type ChatOptions,
  type ChatRoom,
  type Place,
  type Tab,
  type TabOptions,
} from "./runner/chat.ts";
export { deliveryMatchers, type DeliveryMatchers } from "./reports/delivery-matcher.ts";

export { openEventStream, openStomp, type EventStreamOptions, type StompOptions } from "./drivers/open.ts";
export type { StompConnection, Subscription } from "./drivers/stomp.ts";
export type { EventStream } from "./drivers/sse.ts";
export { openKafkaTap, type KafkaTap, type TappedRecord } from "./drivers/kafka.ts";
export { openRedisTap, type RedisAddress, type RedisTap } from "./drivers/redis.ts";
export { HarnessError, TargetError, TimeoutError } from "./drivers/errors.ts";

export type * from "./checkers/history.ts";
export { Ledger, HistoryError } from "./checkers/ledger.ts";
export { judge, exitCodeOfJudgement, type Judgement } from "./checkers/judge.ts";
export type { Finding } from "./checkers/findings.ts";
