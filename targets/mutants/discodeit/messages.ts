// Mutants of contract/discodeit/messages.ts: servers whose messages and histories are wrong.

import { patch, prepend, type Mutant } from "../../faulty.ts";

const messagesFile = "server/systems/discodeit/domain/messages.ts";
const routes = "server/systems/discodeit/routes/messages.ts";
const payloads = "server/systems/discodeit/domain/payloads.ts";
const nextCursor = "page.at(-1)?.createdAt ?? null";

export const messages: readonly Mutant[] = [
  {
    id: "messages-message-updated-at-as-a-number",
    what: "updatedAt of a message is a number",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "id, createdAt, updatedAt, content, channelId } = row;\n    const author",
        "id, createdAt, content, channelId } = row;\n    const updatedAt = Date.parse(row.updatedAt);\n    const author",
      ),
    ],
    red: ["messages.message-has-its-fields"],
  },
  {
    id: "messages-page-without-total-elements",
    what: "a PageResponse has no totalElements",
    patches: [patch("server/systems/discodeit/domain/messages.ts", "totalElements: null,", "")],
    red: ["messages.page-has-its-fields"],
  },
  {
    id: "messages-post-is-200",
    what: "POST is answered 200",
    patches: [patch(routes, "response.status(201).json(message);", "response.status(200).json(message);")],
    red: ["messages.post-returns-the-message"],
  },
  {
    id: "messages-line-ends-changed",
    what: "line ends of a text are changed",
    patches: [
      patch(
        messagesFile,
        'checkedContent(message.content ?? "", files.length > 0);',
        'checkedContent(message.content ?? "", files.length > 0).replaceAll("\\r\\n", "\\n");',
      ),
    ],
    red: ["messages.text-survives", "sockjs.raw-websocket"],
  },
  {
    id: "messages-live-in-seconds",
    what: "createdAt is cut to whole seconds in MESSAGE",
    patches: [
      patch(
        messagesFile,
        "principal.userId, payload));",
        'principal.userId, { ...(payload as object), createdAt: createdAt.replace(/\\.\\d+Z$/, "Z") }));',
      ),
    ],
    red: ["messages.live-equals-history"],
  },
  {
    id: "messages-first-attachment-only",
    what: "of several attachments only the first is kept",
    patches: [patch(messagesFile, "await storeFiles(tx, files, {", "await storeFiles(tx, files.slice(0, 1), {")],
    red: ["messages.attachments-are-stored"],
  },
  {
    id: "messages-text-required",
    what: "a message without text is refused, attachments or not",
    patches: [patch(messagesFile, 'content.trim() === "" && !hasFiles', 'content.trim() === ""')],
    red: ["messages.blank-with-attachment"],
  },
  {
    id: "messages-limit-without-details",
    what: "a text that is too long is refused without the field's name",
    patches: [patch("server/systems/discodeit/domain/validation.ts", 'issue.path.join(".") || "body"', '"body"')],
    red: ["messages.content-limit"],
  },
  {
    id: "messages-change-not-stored",
    what: "PATCH changes nothing",
    patches: [
      patch(
        messagesFile,
        "UPDATE messages SET content = $2, updated_at = clock_timestamp() WHERE id = $1",
        "UPDATE messages SET updated_at = clock_timestamp() WHERE id = $1 AND $2::text IS NOT NULL",
      ),
    ],
    red: ["messages.update-by-author"],
  },
  {
    id: "messages-changed-by-anybody",
    what: "anybody may change and delete a message",
    patches: [
      patch(
        messagesFile,
        "if (row.authorId !== principal.userId) throw forbidden(",
        "if (row.authorId === undefined) throw forbidden(",
      ),
    ],
    red: ["messages.update-by-others-is-refused", "messages.delete-by-others-is-refused"],
  },
  {
    id: "messages-deletion-forgotten",
    what: "DELETE is answered, and the message stays",
    patches: [patch(messagesFile, 'await tx.query("DELETE FROM messages WHERE id = $1", [id]);', "")],
    red: ["messages.delete-by-author"],
  },
  {
    id: "messages-delete-is-200",
    what: "DELETE is answered 200",
    patches: [patch(routes, "response.status(204).end();", "response.status(200).end();")],
    red: ["messages.delete-is-204"],
  },
  {
    id: "messages-history-for-anybody",
    what: "anybody may read a private channel's history",
    patches: [patch(messagesFile, "  await checkReadable(core.store, principal, request.channelId);\n", "")],
    red: ["messages.private-history-by-stranger", "rooms.strangers-read-no-history"],
  },
  {
    id: "messages-oldest-first",
    what: "the history comes oldest first",
    patches: [patch(messagesFile, "ORDER BY m.created_at DESC LIMIT $3", "ORDER BY m.created_at LIMIT $3")],
    red: ["messages.history-newest-first", "messages.history-pages"],
  },
  {
    id: "messages-cursor-inclusive",
    what: "a page begins with the last row of the page before",
    patches: [patch(messagesFile, "m.created_at < COALESCE(", "m.created_at <= COALESCE(")],
    red: ["messages.history-pages", "messages.paging-survives-ties", "messages.paging-survives-new-messages"],
  },
  {
    id: "messages-small-pages",
    what: "a page has 20 rows by default",
    patches: [
      patch("server/systems/discodeit/domain/validation.ts", ".default(limits.pageSizeDefault)", ".default(20)"),
    ],
    red: ["messages.history-page-size"],
  },
  {
    id: "messages-size-ignored",
    what: "size is ignored",
    patches: [
      patch(messagesFile, "request.size + 1],", "51],"),
      patch(messagesFile, "rows.length > request.size;", "rows.length > 50;"),
      patch(messagesFile, "rows.slice(0, request.size);", "rows.slice(0, 50);"),
    ],
    red: ["messages.history-page-size"],
  },
  {
    id: "messages-cursor-in-seconds",
    what: "the cursor is cut to whole seconds",
    patches: [patch(messagesFile, nextCursor, 'page.at(-1)?.createdAt.replace(/\\.\\d+Z$/, "Z") ?? null')],
    red: ["messages.paging-survives-ties"],
  },
  {
    id: "messages-paged-by-offset",
    what: "pages are counted from the newest message of the moment",
    patches: [
      // Cursor → how many messages are newer.
      prepend(messagesFile, "const offsets = new Map<string | undefined, number>();"),
      patch(
        messagesFile,
        "m.created_at < COALESCE($2::timestamptz, 'infinity') ORDER BY m.created_at DESC LIMIT $3`",
        "COALESCE($2::timestamptz, 'infinity') IS NOT NULL ORDER BY m.created_at DESC LIMIT $3 OFFSET ${offsets.get(request.cursor) ?? 0}`",
      ),
      patch(
        messagesFile,
        "  const hasNext = rows.length > request.size;\n",
        "  const hasNext = rows.length > request.size;\n  if (hasNext) offsets.set(rows[request.size - 1]?.createdAt, (offsets.get(request.cursor) ?? 0) + request.size);\n",
      ),
    ],
    red: ["messages.paging-survives-new-messages"],
  },
  {
    id: "messages-created-in-seconds",
    what: "createdAt is cut to whole seconds",
    patches: [
      patch(
        payloads,
        "const { id, createdAt, updatedAt, content, channelId } = row;",
        'const { id, updatedAt, content, channelId } = row;\n    const createdAt = row.createdAt.replace(/\\.\\d+Z$/, "Z");',
      ),
    ],
    red: ["messages.order-of-creation"],
  },
  {
    id: "messages-history-needs-authors",
    what: "a history with a message of somebody who is gone is a fault of the server",
    patches: [
      patch(
        messagesFile,
        "  const page = rows.slice(0, request.size);\n",
        '  const page = rows.slice(0, request.size);\n  if (page.some((row) => row.author === null)) throw new Error("no author");\n',
      ),
    ],
    red: ["messages.history-outlives-its-author"],
  },
];
