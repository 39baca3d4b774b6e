// The server's command: reads the environment, opens the instance, says where it listens (in the log, and to a parent
// that forked it), and drains on SIGTERM, SIGINT or when that parent goes away. A wrong environment: one clear line and
// exit 1.

import { pino } from "pino";
import { ConfigError, readConfig, type Config } from "./config.ts";
import { openInstance, type Instance } from "./instance.ts";

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`Cannot start: ${error.message}\n`);
    process.exit(1);
  }
}

const config = readConfigOrExit();
const log = pino({ level: config.logLevel, base: { instance: config.instance } });

let opening: Promise<Instance> | undefined;
let ending = false;

async function end(reason: string): Promise<void> {
  if (ending) return;
  ending = true;
  log.info({ reason }, "draining");
  // Docker kills after 10 s; what is not done by then is taken over by others.
  setTimeout(() => process.exit(0), config.drainMs + 500).unref();
  // A start that fails while ending was asked for has said so itself.
  const instance = await opening?.catch(() => undefined);
  try {
    await instance?.drain();
    log.info("drained");
  } catch (error) {
    log.error({ err: error }, "cannot drain");
    process.exit(1);
  }
  process.exit(0);
}

process.on("SIGTERM", () => void end("SIGTERM"));
process.on("SIGINT", () => void end("SIGINT"));
if (process.send) process.on("disconnect", () => void end("parent is gone"));

try {
  opening = openInstance(config, log);
  const { urls, tcp } = await opening;
  log.info({ listening: urls, tcp }, "listening");
  process.send?.({ listening: urls, tcp });
} catch (error) {
  if (error instanceof Error) process.stderr.write(`Cannot start: ${error.message}\n`);
  log.debug({ err: error }, "cannot start");
  process.exit(1);
}
