// Files: metadata, download, upload status. Source: the Discodeit contract, "REST" and "SSE".

import type { Area } from "../clause.ts";

export const files = {
  "files.file-has-its-fields": {
    level: "MUST",
    text: "A BinaryContentDto has id, fileName, size, contentType and uploadStatus (revision 1) or status (revision 2).",
    source: "REST, DTOs",
  },
  "files.metadata": {
    level: "MUST",
    text: "GET /api/binaryContents/{id} gives name, size in bytes, content type and status.",
    source: "REST, GET /api/binaryContents",
  },
  "files.metadata-of-several": {
    level: "MUST",
    text: "GET /api/binaryContents?binaryContentIds=…&binaryContentIds=… gives those files.",
    source: "REST, GET /api/binaryContents",
  },
  "files.download-gives-the-bytes": {
    level: "MUST",
    text: "A download gives the same bytes once the status is SUCCESS.",
    source: "REST, download",
  },
  "files.download-headers": {
    level: "MUST",
    text: "A download carries Content-Disposition attachment, the stored Content-Type and the length.",
    source: "REST, download",
  },
  "files.download-needs-a-token": {
    level: "MUST",
    security: true,
    text: "A download without a bearer token is refused.",
    source: "REST, rules",
    negative: true,
  },
  "files.name-beyond-latin-1": {
    level: "SHOULD",
    text: "A file name beyond Latin-1 survives upload and download (filename*).",
    source: "REST, traps",
  },
  "files.upload-ends-in-success": {
    level: "MUST",
    text: "The status of an uploaded file becomes SUCCESS.",
    source: "SSE, binaryContents",
  },
  "files.upload-event-to-the-uploader": {
    level: "MUST",
    text: "The uploader hears the upload event when the upload ended, with the BinaryContentDto.",
    source: "SSE, binaryContents",
  },
  "files.upload-event-to-nobody-else": {
    level: "SHOULD",
    security: true,
    text: "Nobody but the uploader hears the upload event.",
    source: "SSE, binaryContents",
    negative: true,
  },
  "files.private-to-members": {
    level: "SHOULD",
    security: true,
    text: "Files of a private channel are for its members only.",
    source: "REST, who may",
    negative: true,
  },
} as const satisfies Area<"files">;
