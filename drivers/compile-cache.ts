// Where Node keeps what it compiled (types stripped, too): a start of the command or of a server takes half a second to
// a second of a processor less. In the user's own folder: whoever can write there decides what we run.

import os from "node:os";
import path from "node:path";

export const compileCacheFolder = path.join(os.homedir(), ".cache", "rollcall", "compiled");
