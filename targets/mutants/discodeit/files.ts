// Mutants of contract/discodeit/files.ts: servers that get files and their uploads wrong.

import { patch, prepend, type Mutant } from "../../faulty.ts";
import { anonymous } from "./connect.ts";

export const files: readonly Mutant[] = [
  {
    id: "files-file-with-another-status",
    what: "a file that waits says WAIT",
    patches: [
      patch(
        "server/systems/discodeit/domain/payloads.ts",
        "WAITING: names.waiting, SUCCESS: names.success,",
        'WAITING: "WAIT", SUCCESS: "DONE",',
      ),
    ],
    red: ["files.file-has-its-fields"],
  },
  {
    id: "files-not-metadata",
    what: "a file's name is lost",
    patches: [
      patch("server/systems/discodeit/domain/files.ts", "[row.id, fileName, row.size,", '[row.id, "file", row.size,'),
    ],
    red: ["files.metadata"],
  },
  {
    id: "files-not-metadata-of-several",
    what: "of several ids only the first is answered",
    patches: [
      patch("server/systems/discodeit/routes/files.ts", "return ids.map((id) =>", "return ids.slice(0, 1).map((id) =>"),
    ],
    red: ["files.metadata-of-several"],
  },
  {
    id: "files-not-download-gives-the-bytes",
    what: "a download has the right length and the wrong bytes",
    patches: [patch("server/systems/discodeit/domain/files.ts", "yield slice;", "yield Buffer.alloc(slice.length);")],
    red: ["files.download-gives-the-bytes"],
  },
  {
    id: "files-not-download-headers",
    what: "a download has no content type of its own",
    patches: [
      patch(
        "server/systems/discodeit/routes/files.ts",
        '"Content-Type": file.contentType,',
        '"Content-Type": "application/octet-stream",',
      ),
    ],
    red: ["files.download-headers"],
  },
  {
    id: "files-not-name-beyond-latin-1",
    what: "a name beyond ASCII is mangled",
    patches: [patch("server/systems/discodeit/routes/files.ts", 'ascii === fileName ? "" :', 'ascii !== "" ? "" :')],
    red: ["files.name-beyond-latin-1"],
  },
  {
    id: "files-not-upload-ends-in-success",
    what: "every upload fails",
    patches: [
      patch(
        "server/systems/discodeit/domain/uploads.ts",
        'return this.#end(fileId, "SUCCESS");',
        'return this.#end(fileId, "FAILED");',
      ),
    ],
    red: ["files.upload-ends-in-success"],
  },
  {
    id: "files-not-upload-event-to-the-uploader",
    what: "the end of an upload is not told",
    patches: [
      patch(
        "server/systems/discodeit/domain/uploads.ts",
        "if (row.uploaderId !== null) await tell(",
        "if (row.uploaderId !== null && tx === undefined) await tell(",
      ),
    ],
    red: ["files.upload-event-to-the-uploader"],
  },
  {
    id: "files-not-upload-event-to-nobody-else",
    what: "the end of an upload is told to everyone",
    patches: [
      patch(
        "server/systems/discodeit/domain/uploads.ts",
        "this.#core.payloads.file(row), [row.uploaderId]);",
        'this.#core.payloads.file(row), "everyone");',
      ),
    ],
    red: ["files.upload-event-to-nobody-else"],
  },
  {
    id: "files-not-private-to-members",
    what: "anybody may read the files of a private channel",
    patches: [
      patch(
        "server/systems/discodeit/domain/files.ts",
        "(f.channel_id IS NULL OR EXISTS (",
        "(f.channel_id IS NULL OR true OR EXISTS (",
      ),
    ],
    red: ["files.private-to-members"],
  },
  {
    id: "files-download-for-anybody",
    what: "a download needs no token",
    patches: [
      prepend("server/systems/discodeit/routes/routes.ts", 'import { randomUUID } from "node:crypto";'),
      patch(
        "server/systems/discodeit/routes/routes.ts",
        "const token = bearerOf(request);",
        `const token = bearerOf(request); if (token === undefined && request.path.endsWith("/download")) return (response.locals["principal"] = ${anonymous}), next();`,
      ),
      patch(
        "server/systems/discodeit/domain/files.ts",
        "(f.channel_id IS NULL OR EXISTS (",
        "(f.channel_id IS NULL OR true OR EXISTS (",
      ),
    ],
    red: ["files.download-needs-a-token"],
  },
];
