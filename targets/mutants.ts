// The mutants of the reference server, all areas together. Each must turn the clauses in `red` red.

import type { Mutant } from "./faulty.ts";
import { connect } from "./mutants/connect.ts";
import { fanout, proxy } from "./mutants/fanout.ts";
import { frames } from "./mutants/frames.ts";
import { messages } from "./mutants/messages.ts";
import { notifications } from "./mutants/notifications.ts";
import { presence } from "./mutants/presence.ts";
import { replay } from "./mutants/replay.ts";
import { send } from "./mutants/send.ts";
import { sockjs } from "./mutants/sockjs.ts";
import { sse } from "./mutants/sse.ts";
import { subscribe } from "./mutants/subscribe.ts";
import { tabs } from "./mutants/tabs.ts";
import { witness } from "./mutants/witness.ts";

export const mutants: readonly Mutant[] = [...messages, ...notifications, ...connect, ...subscribe, ...send, ...frames, ...sockjs, ...sse, ...replay, ...presence, ...tabs, ...witness, ...fanout, ...proxy];
