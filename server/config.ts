// What does the environment say? Read once at start, checked, and named in every complaint.
// No DATABASE_URL = embedded: everything in this process, demo admin, cheap passwords. Units are in the names.

import { hostname } from "node:os";
import { z } from "zod";
import { demoSecret } from "../systems/gateway-chat/wire.ts";
import { portVariable, served, servedSystems, stompTcp, type ServedSystem } from "../systems/served/wire.ts";
import { demoToken } from "../systems/sse/wire.ts";
import { demoUser, usersIn } from "../systems/stomp/wire.ts";
import { checkedOrigin } from "./security/origins.ts";
import { checkedProxy } from "./security/proxies.ts";
import type { SystemConfig } from "./systems/system.ts";

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const count = (fallback: number) => z.coerce.number().int().min(1).max(1_000_000_000).default(fallback);
const list = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** Each item as `check` returns it; what it throws is what is wrong with the variable. */
const checkedBy =
  (check: (item: string) => string) =>
  (items: string[], context: z.RefinementCtx): string[] => {
    try {
      return items.map(check);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  };

const ports = z.object(Object.fromEntries(servedSystems.map((name) => [portVariable(name), port(served[name].port)])));

const environment = z.object({
  SYSTEMS: z
    .string()
    .default(servedSystems.join(","))
    .transform(list)
    .pipe(z.array(z.enum(servedSystems)).min(1)),
  HOST: z.string().min(1).default("127.0.0.1"),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must begin with postgres://")
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must begin with redis://")
    .optional(),
  KAFKA_BROKERS: z
    .string()
    .transform(list)
    .pipe(z.array(z.string().regex(/^[^\s:]+:\d+$/, "must be host:port, comma-separated")).min(1))
    .optional(),
  KAFKA_SESSION_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(60_000).default(6_000),
  ADMIN_USERNAME: z.string().min(3).max(50).default("admin"),
  ADMIN_EMAIL: z.email().max(100).default("admin@rollcall.test"),
  ADMIN_PASSWORD: z.string().min(8).max(60).optional(),
  INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .default(hostname()),
  SOCKETS_PER_USER_MAX: count(100),
  STREAMS_PER_USER_MAX: count(100),
  ACCESS_TOKEN_SECONDS: count(30 * 60),
  REFRESH_TOKEN_SECONDS: count(7 * 24 * 60 * 60),
  PASSWORD_COST_LOG2: z.coerce.number().int().min(10).max(20).optional(),
  GATEWAY_CHAT_SECRET: z.string().min(32, "must be 32 characters or more").optional(),
  STOMP_USERS: z
    .string()
    .default("")
    .transform((text, context) => {
      try {
        return usersIn(text);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    }),
  STOMP_TCP_PORT: port(stompTcp.port),
  SSE_TOKENS: z
    .string()
    .default("")
    .transform(list)
    .pipe(z.array(z.string().regex(/^[\x21-\x7e]{16,512}$/, "each must be 16 to 512 characters, comma-separated"))),
  UPLOAD_BYTES_MAX: count(10 * 1024 * 1024),
  ALLOWED_ORIGINS: z.string().default("").transform(list).transform(checkedBy(checkedOrigin)),
  TRUSTED_PROXIES: z.string().default("").transform(list).transform(checkedBy(checkedProxy)),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  DRAIN_MS: z.coerce.number().int().min(500).max(60_000).default(7_000),
});

export interface Config {
  systems: readonly ServedSystem[];
  host: string;
  ports: Readonly<Record<ServedSystem, number>>;
  /** Of stomp without WebSocket. */
  stompTcpPort: number;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  kafkaBrokers: readonly string[] | undefined;
  /**
   * After this a dead instance's share of the notifications is taken over; no less than the broker's
   * group.min.session.timeout.ms.
   */
  kafkaSessionTimeoutMs: number;
  instance: string;
  socketsPerUserMax: number;
  streamsPerUserMax: number;
  allowedOrigins: readonly string[];
  /** Addresses and networks of the proxies before us, whose X-Forwarded headers are believed. */
  trustedProxies: readonly string[];
  logLevel: string;
  drainMs: number;
  system: SystemConfig;
}

/** The message names each variable that is wrong. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** @throws ConfigError */
function checked<T extends z.ZodType>(schema: T, variables: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
  throw new ConfigError(issues.join("; "));
}

const demoAdminPassword = "admin1234!";

/** @throws ConfigError */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  // An empty variable is one that is not set: compose files and shells write it that way.
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const env = checked(environment, set);
  const portOf = checked(ports, set);
  const distributed = env.DATABASE_URL !== undefined;
  for (const name of ["REDIS_URL", "KAFKA_BROKERS"] as const) {
    if (env[name] !== undefined && !distributed) throw new ConfigError(`${name}: needs DATABASE_URL`);
  }
  if (distributed && env.ADMIN_PASSWORD === undefined)
    throw new ConfigError("ADMIN_PASSWORD: required with DATABASE_URL");
  if (distributed && env.GATEWAY_CHAT_SECRET === undefined && env.SYSTEMS.includes("gateway-chat-secure"))
    throw new ConfigError("GATEWAY_CHAT_SECRET: required with DATABASE_URL for gateway-chat-secure");
  return {
    systems: env.SYSTEMS,
    host: env.HOST,
    ports: Object.fromEntries(servedSystems.map((name) => [name, portOf[portVariable(name)]])) as Config["ports"],
    stompTcpPort: env.STOMP_TCP_PORT,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    kafkaBrokers: env.KAFKA_BROKERS,
    kafkaSessionTimeoutMs: env.KAFKA_SESSION_TIMEOUT_MS,
    instance: env.INSTANCE,
    socketsPerUserMax: env.SOCKETS_PER_USER_MAX,
    streamsPerUserMax: env.STREAMS_PER_USER_MAX,
    allowedOrigins: env.ALLOWED_ORIGINS,
    trustedProxies: env.TRUSTED_PROXIES,
    logLevel: env.LOG_LEVEL,
    drainMs: env.DRAIN_MS,
    system: {
      adminUsername: env.ADMIN_USERNAME,
      adminEmail: env.ADMIN_EMAIL,
      adminPassword: env.ADMIN_PASSWORD ?? demoAdminPassword,
      passwordCostLog2: env.PASSWORD_COST_LOG2 ?? (distributed ? 17 : 14),
      accessTokenSeconds: env.ACCESS_TOKEN_SECONDS,
      refreshTokenSeconds: env.REFRESH_TOKEN_SECONDS,
      uploadBytesMax: env.UPLOAD_BYTES_MAX,
      gatewayChatSecret: env.GATEWAY_CHAT_SECRET ?? demoSecret,
      stompUsers: distributed || env.STOMP_USERS.length > 0 ? env.STOMP_USERS : [demoUser],
      sseTokens: env.SSE_TOKENS.length > 0 || distributed ? env.SSE_TOKENS : [demoToken],
    },
  };
}
