// REST: binary contents. A download is always an attachment, so that no browser runs what a user uploaded.
// Source: the Discodeit contract, "REST"; RFC 6266 and RFC 8187 for names beyond ASCII.

import { pipeline } from "node:stream/promises";
import { Router, type Request, type Response } from "express";
import type { Core } from "../domain/core.ts";
import { fileContent, findFile, listFiles } from "../domain/files.ts";
import { invalid } from "../domain/problem.ts";
import { idFrom, principalOf } from "./body.ts";

const idsMax = 200;

export function fileRoutes(core: Core): Router {
  const router = Router();
  router.get("/binaryContents", async (request, response) => {
    response.json(await listFiles(core, principalOf(response), idsFrom(request.query["binaryContentIds"])));
  });
  router.get("/binaryContents/:binaryContentId", async (request, response) => {
    response.json(
      await findFile(core, principalOf(response), idFrom(request.params.binaryContentId, "binaryContentId")),
    );
  });
  router.get("/binaryContents/:binaryContentId/download", async (request, response) => {
    const file = await fileContent(
      core,
      principalOf(response),
      idFrom(request.params.binaryContentId, "binaryContentId"),
    );
    response.writeHead(200, {
      "Content-Type": file.contentType,
      "Content-Length": file.byteCount,
      "Content-Disposition": attachmentHeader(file.fileName),
      "Content-Security-Policy": "sandbox",
    });
    await send(file.slices(), response);
  });
  return router;
}

/** Writes as fast as the reader takes it. A reader that went away is no fault of ours. */
async function send(slices: AsyncIterable<Buffer>, response: Response): Promise<void> {
  try {
    await pipeline(slices, response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

/** Repeated parameters, or one with commas. */
function idsFrom(parameter: Request["query"][string]): string[] {
  const ids = [parameter ?? []].flat().flatMap((value) => (typeof value === "string" ? value.split(",") : []));
  if (ids.length === 0 || ids.length > idsMax)
    throw invalid({ binaryContentIds: ids.length === 0 ? "is missing" : `must name at most ${idsMax}` });
  return ids.map((id) => idFrom(id, "binaryContentIds"));
}

/** The name twice when it needs it: in ASCII for old clients, in UTF-8 for all others. */
export function attachmentHeader(fileName: string): string {
  const ascii = fileName.replaceAll(/[^\x20-\x7e]/gu, "_").replaceAll(/["\\%]/g, "_");
  const encoded = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"${ascii === fileName ? "" : `; filename*=UTF-8''${encoded}`}`;
}
