// Mutants of contract/shared/tabs.ts: servers for which a user is one connection.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const hub = "server/sse/hub.ts";
const routes = "server/systems/discodeit/routes/channels.ts";

export const tabs: readonly Mutant[] = [
  {
    id: "tabs-two-connections",
    what: "a third STOMP connection of a user is refused",
    patches: [],
    environment: { SOCKETS_PER_USER_MAX: "2" },
    red: ["tabs.three-stomp"],
  },
  {
    id: "tabs-one-stream-hears",
    what: "an event goes to one stream of each user",
    patches: [
      patch(
        hub,
        "    for (const stream of this.#streams) if (stream.publish(entry)) count += 1;\n",
        `    const reached = new Set();
    for (const stream of this.#streams) {
      if (reached.has(stream.principal.userId) || !stream.publish(entry)) continue;
      reached.add(stream.principal.userId);
      count += 1;
    }\n`,
      ),
    ],
    red: ["tabs.three-streams", "sse.more-than-six-streams"],
  },
  {
    id: "tabs-closing-one-stream-closes-all",
    what: "when one stream of a user closes, all do",
    patches: [
      patch(
        hub,
        "      this.#streams.delete(stream);\n",
        "      this.#streams.delete(stream);\n      for (const other of this.#streams) if (other.principal.userId === principal.userId) other.end();\n",
      ),
    ],
    red: ["tabs.closing-one-stream"],
  },
  {
    id: "tabs-dead-streams-fail-requests",
    what: "a channel of somebody who has lost a stream is made, and the request fails",
    patches: [
      prepend(hub, "export const lost = new Set<string>();"),
      patch(
        hub,
        "      this.#streams.delete(stream);\n",
        "      this.#streams.delete(stream);\n      for (const other of this.#streams) if (other.principal.userId === principal.userId) lost.add(principal.userId);\n",
      ),
      prepend(routes, 'import { lost } from "../../../sse/hub.ts";'),
      patch(
        routes,
        "    response.status(201).json(await createPrivateChannel(core, principalOf(response), participantIds));",
        `    const made = await createPrivateChannel(core, principalOf(response), participantIds);
    if (participantIds.some((id) => lost.delete(id))) throw new Error("The response has already been completed");
    response.status(201).json(made);`,
      ),
    ],
    red: ["tabs.cut-streams-harm-nobody"],
  },
];
