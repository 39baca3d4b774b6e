// Stands in for PGlite in a faulty server: a new database is a copy of the one in ROLLCALL_DATABASE_TEMPLATE, not set
// up from scratch.

import { readFile } from "node:fs/promises";
import { PGlite as Original } from "@electric-sql/pglite";

export const PGlite = {
  async create(): Promise<Original> {
    return await Original.create({
      loadDataDir: new Blob([await readFile(process.env["ROLLCALL_DATABASE_TEMPLATE"] ?? "")]),
    });
  },
};
