// Mutants of contract/discodeit/channels.ts: servers that get channels and their rights wrong.

import { patch, type Mutant } from "../../faulty.ts";

export const channels: readonly Mutant[] = [
  {
    id: "channels-channel-without-last-message-at",
    what: "a ChannelDto lacks lastMessageAt while nothing was said",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "lastMessageAt,\n    };",
        "...(lastMessageAt && { lastMessageAt }),\n    };",
      ),
    ],
    red: ["channels.channel-has-its-fields"],
  },
  {
    id: "channels-not-private-is-deleted",
    what: "nobody can delete a private channel",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "else await checkReadable(tx, principal, id);",
        'else throw forbidden("Cannot delete a private channel");',
      ),
    ],
    red: ["channels.private-is-deleted"],
  },
  {
    id: "channels-not-private-is-created",
    what: "a private channel has two participants at most",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'SELECT $1, unnest($2::uuid[])", [id, members]',
        'SELECT $1, unnest($2::uuid[])", [id, members.slice(0, 2)]',
      ),
    ],
    red: ["channels.private-is-created"],
  },
  {
    id: "channels-not-private-needs-two",
    what: "a private channel may have one participant",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "if (members.length < 2) throw",
        "if (members.length < 1) throw",
      ),
    ],
    red: ["channels.private-needs-two"],
  },
  {
    id: "channels-not-private-includes-the-caller",
    what: "one may make private channels of others",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "if (!members.includes(principal.userId)) throw",
        "if (members.length === 0) throw",
      ),
    ],
    red: ["channels.private-includes-the-caller"],
  },
  {
    id: "channels-not-private-is-not-changed",
    what: "changing a private channel is answered 200",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'throw new Problem(400, "PRIVATE_CHANNEL_UPDATE", "Cannot change the channel: it is private", { id });',
        "return core.payloads.channel(row, nobody);",
      ),
    ],
    red: ["channels.private-is-not-changed"],
  },
  {
    id: "channels-not-private-is-deleted-by-a-participant",
    what: "participants may not delete their private channel",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "else await checkReadable(tx, principal, id);",
        "else checkManager(principal);",
      ),
    ],
    red: ["channels.private-is-deleted-by-a-participant"],
  },
  {
    id: "channels-not-private-is-not-deleted-by-others",
    what: "anybody may delete a private channel",
    patches: [patch("server/systems/discodeit/domain/channels.ts", "else await checkReadable(tx, principal, id);", "")],
    red: ["channels.private-is-not-deleted-by-others"],
  },
  {
    id: "channels-not-public-is-created",
    what: "a new public channel is answered 200",
    patches: [
      patch(
        "server/systems/discodeit/routes/channels.ts",
        "response.status(201).json(await createPublicChannel",
        "response.status(200).json(await createPublicChannel",
      ),
    ],
    red: ["channels.public-is-created"],
  },
  {
    id: "channels-not-public-is-changed",
    what: "a new description is not taken over",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "changes.newDescription ?? row.description]",
        "row.description]",
      ),
    ],
    red: ["channels.public-is-changed"],
  },
  {
    id: "channels-not-public-is-deleted",
    what: "a public channel stays when it is deleted",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'await tx.query("DELETE FROM channels WHERE id = $1", [id]);',
        'if (row.type === "PRIVATE") await tx.query("DELETE FROM channels WHERE id = $1", [id]);',
      ),
    ],
    red: ["channels.public-is-deleted"],
  },
  {
    id: "channels-not-public-needs-a-manager",
    what: "anybody may delete a public channel",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'if (row.type === "PUBLIC") checkManager(principal);',
        'if (row.type === "PUBLIC") checkManager({ ...principal, role: "ADMIN" });',
      ),
    ],
    red: ["channels.public-needs-a-manager"],
  },
  {
    id: "channels-not-user-cannot-create-public",
    what: "anybody may manage public channels",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'if (!hasRole(principal.role, "CHANNEL_MANAGER")) throw',
        'if (!hasRole(principal.role, "USER")) throw',
      ),
    ],
    red: ["channels.user-cannot-create-public"],
  },
  {
    id: "channels-not-denied-is-403",
    what: "managing public channels is denied with 400",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'throw forbidden("Cannot manage public channels: only channel managers and admins may")',
        'throw invalid({ role: "must be CHANNEL_MANAGER" })',
      ),
    ],
    red: ["channels.denied-is-403"],
  },
  {
    id: "channels-not-name-limits",
    what: "a description may have one character more",
    patches: [
      patch(
        "server/systems/discodeit/domain/validation.ts",
        "const description = text.max(limits.descriptionMax);",
        "const description = text.max(limits.descriptionMax + 1);",
      ),
    ],
    red: ["channels.name-limits"],
  },
  {
    id: "channels-not-list-holds-mine",
    what: "the list holds no private channels",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'WHERE ${readableBy("$1")} ORDER BY',
        "WHERE $1::uuid IS NOT NULL AND c.type = 'PUBLIC' ORDER BY",
      ),
    ],
    red: ["channels.list-holds-mine"],
  },
  {
    id: "channels-not-list-holds-no-others",
    what: "the list holds everybody's private channels",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        'WHERE ${readableBy("$1")} ORDER BY',
        "WHERE $1::uuid IS NOT NULL ORDER BY",
      ),
    ],
    red: ["channels.list-holds-no-others"],
  },
  {
    id: "channels-not-list-of-another-is-403",
    what: "another user's list is answered with the own",
    patches: [
      patch(
        "server/systems/discodeit/routes/channels.ts",
        'if (idFrom(request.query["userId"], "userId") !== principal.userId) throw',
        'if (idFrom(request.query["userId"], "userId") === "") throw',
      ),
    ],
    red: ["channels.list-of-another-is-403"],
  },
  {
    id: "channels-not-last-message-at",
    what: "lastMessageAt is the instant of the first message",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "SELECT max(created_at) FROM messages",
        "SELECT min(created_at) FROM messages",
      ),
    ],
    red: ["channels.last-message-at"],
  },
  {
    id: "channels-private-named-twice",
    what: "a private channel may name its one participant twice",
    patches: [
      patch(
        "server/systems/discodeit/domain/channels.ts",
        "if (members.length < 2) throw",
        "if (participantIds.length < 2) throw",
      ),
    ],
    red: ["channels.private-names-each-once"],
  },
];
