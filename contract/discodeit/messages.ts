// Messages over REST: posting, changing, deleting, history and its paging. Source: the Discodeit contract, "REST".

import type { Area } from "../clause.ts";

export const messages = {
  "messages.message-has-its-fields": {
    level: "MUST",
    text: "A MessageDto has id, createdAt, updatedAt, content, channelId, author and attachments.",
    source: "REST, DTOs",
  },
  "messages.page-has-its-fields": {
    level: "MUST",
    text: "A PageResponse has content, nextCursor, size, hasNext and totalElements.",
    source: "REST, DTOs",
  },
  "messages.post-returns-the-message": {
    level: "MUST",
    text: "POST /api/messages answers 201 with the MessageDto: content, channel, author, no attachments as an empty list.",
    source: "REST, POST /api/messages",
  },
  "messages.text-survives": {
    level: "MUST",
    text: "Korean, emoji, quotes, line breaks and 450 characters are the same live and in history.",
    source: "C3",
  },
  "messages.live-equals-history": {
    level: "MUST",
    text: "What is heard live is in the history at once, with the same id, content and createdAt within 1 µs.",
    source: "C11",
  },
  "messages.attachments-are-stored": {
    level: "MUST",
    text: "Repeated file parts `attachments` become the message's attachments, in order.",
    source: "REST, POST /api/messages",
  },
  "messages.blank-is-refused": {
    level: "MUST",
    text: "A blank message without attachments is answered 4xx and not stored.",
    source: "REST, validation",
    negative: true,
  },
  "messages.blank-with-attachment": {
    level: "house",
    text: "A message without text but with an attachment is accepted.",
    source: "REST, validation",
  },
  "messages.content-limit": {
    level: "house",
    text: "2,000 characters are accepted, 2,001 are answered 400 with details of the field.",
    source: "REST, validation",
    negative: true,
  },
  "messages.author-is-the-caller": {
    level: "SHOULD",
    security: true,
    text: "POST with another user's authorId is refused, and nothing is stored in that user's name.",
    source: "REST, authorId",
    negative: true,
  },
  "messages.update-by-author": {
    level: "MUST",
    text: "PATCH by the author answers 200 with the new content; the history shows it.",
    source: "REST, PATCH /api/messages",
  },
  "messages.update-by-others-is-refused": {
    level: "MUST",
    security: true,
    text: "PATCH of a message by someone else is refused without effect.",
    source: "REST, PATCH /api/messages",
    negative: true,
  },
  "messages.delete-by-author": {
    level: "MUST",
    text: "DELETE by the author removes the message from the history.",
    source: "REST, DELETE /api/messages",
  },
  "messages.delete-is-204": {
    level: "SHOULD",
    text: "DELETE of a message answers 204.",
    source: "REST, DELETE /api/messages",
  },
  "messages.delete-by-others-is-refused": {
    level: "MUST",
    security: true,
    text: "DELETE of a message by someone else is refused without effect.",
    source: "REST, DELETE /api/messages",
    negative: true,
  },
  "messages.private-post-by-stranger": {
    level: "SHOULD",
    security: true,
    text: "A stranger cannot post to a private channel.",
    source: "REST, private channels",
    negative: true,
  },
  "messages.private-history-by-stranger": {
    level: "SHOULD",
    security: true,
    text: "A stranger cannot read a private channel's history.",
    source: "REST, private channels",
    negative: true,
  },
  "messages.history-newest-first": {
    level: "MUST",
    text: "The history comes newest first, as a PageResponse.",
    source: "REST, GET /api/messages",
  },
  "messages.history-outlives-its-author": {
    level: "SHOULD",
    text: "The history of a channel is answered after one of its authors was deleted.",
    source: "REST, who may",
  },
  "messages.history-pages": {
    level: "MUST",
    text: "Following the cursor by pages gives every message strictly older than it, none lost, none twice.",
    source: "REST, GET /api/messages",
  },
  "messages.history-page-size": {
    level: "MUST",
    text: "size limits the page, hasNext says whether there is more; 50 is the default.",
    source: "REST, GET /api/messages",
  },
  "messages.paging-survives-ties": {
    level: "SHOULD",
    text: "Messages posted at the same instant are neither lost nor repeated at a page's edge.",
    source: "REST, GET /api/messages",
  },
  "messages.paging-survives-new-messages": {
    level: "MUST",
    text: "Messages posted while paging do not shift older pages.",
    source: "REST, GET /api/messages",
  },
  "messages.order-of-creation": {
    level: "house",
    text: "createdAt is unique and increasing per channel in the order of the history.",
    source: "REST, ours",
  },
} as const satisfies Area<"messages">;
