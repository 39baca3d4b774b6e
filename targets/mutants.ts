// The mutants of the reference server, all areas together. Each must turn the clauses in `red` red.

import type { Mutant } from "./faulty.ts";
import { accounts } from "./mutants/accounts.ts";
import { channels } from "./mutants/channels.ts";
import { connect } from "./mutants/connect.ts";
import { csrf } from "./mutants/csrf.ts";
import { fanout, proxy } from "./mutants/fanout.ts";
import { files } from "./mutants/files.ts";
import { frames } from "./mutants/frames.ts";
import { login } from "./mutants/login.ts";
import { messages } from "./mutants/messages.ts";
import { notifications } from "./mutants/notifications.ts";
import { presence } from "./mutants/presence.ts";
import { reads } from "./mutants/reads.ts";
import { replay } from "./mutants/replay.ts";
import { rest } from "./mutants/rest.ts";
import { send } from "./mutants/send.ts";
import { sockjs } from "./mutants/sockjs.ts";
import { sse } from "./mutants/sse.ts";
import { subscribe } from "./mutants/subscribe.ts";
import { tabs } from "./mutants/tabs.ts";
import { witness } from "./mutants/witness.ts";

export const mutants: readonly Mutant[] = [
  [accounts, login, csrf, rest, channels, messages, reads, files, notifications],
  [connect, subscribe, send, frames, sockjs, sse, replay, presence, tabs, witness],
  [fanout, proxy],
].flat(2);
