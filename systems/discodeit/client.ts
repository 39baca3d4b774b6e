// The verbs of a Discodeit server in its two revisions, over one user agent. It says what its caller wants and reads
// DTOs; it judges nothing. Each verb comes twice where a refusal is interesting: `…Answer` gives the raw answer, the
// plain name throws TargetError unless it succeeded.

import type { z } from "zod";
import {
  lenientSchemas,
  strictSchemasOf,
  type BinaryContentDto,
  type ChannelDto,
  type MessageDto,
  type NotificationDto,
  type PageDto,
  type ReadStatusDto,
  type StrictSchemas,
  type UserDto,
} from "./shapes.ts";
import { csrfCookie, csrfHeader, type Role, type SystemName } from "./wire.ts";
import { inStep, TargetError } from "../../drivers/errors.ts";
import type { Who } from "../types.ts";
import { jsonOf, type Answer, type CsrfRule, type Part, type RestClient } from "../../drivers/rest.ts";
import { shapeFaults } from "../../drivers/shape.ts";
import { quoted } from "../../drivers/quoted.ts";

export type NewUser = Who;

export interface UploadFile {
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

const partOf = (name: string, file: UploadFile): Part => ({ name, file });

export const csrfRule: CsrfRule = { path: "/api/auth/csrf-token", cookie: csrfCookie, header: csrfHeader };

/** The smallest request that every server of the system answers. */
export const fetchCsrf = (rest: RestClient): Promise<Answer> => rest.request("GET", csrfRule.path);

export class Discodeit {
  readonly system: SystemName;
  /** What a proof reads, and what the one that is about a DTO judges. */
  readonly schemas = lenientSchemas;
  readonly strict: StrictSchemas;

  get revision(): 1 | 2 {
    return this.system === "discodeit-1" ? 1 : 2;
  }

  constructor(system: SystemName) {
    this.system = system;
    this.strict = strictSchemasOf(system);
  }

  // --- accounts

  signUpAnswer(rest: RestClient, user: NewUser, profile?: UploadFile): Promise<Answer> {
    const parts: Part[] = [{ name: "userCreateRequest", json: user }];
    if (profile !== undefined) parts.push(partOf("profile", profile));
    return rest.request("POST", "/api/users", { multipart: parts, bearer: false });
  }

  async signUp(rest: RestClient, user: NewUser, profile?: UploadFile): Promise<UserDto> {
    return inStep("sign up", async () =>
      this.read(await this.signUpAnswer(rest, user, profile), this.schemas.user, "sign up"),
    );
  }

  /** Logs in as the revision does: JSON (1) or form fields (2). */
  logInAnswer(rest: RestClient, username: string, password: string): Promise<Answer> {
    const credentials = { username, password };
    const body = this.system === "discodeit-1" ? { json: credentials } : { form: credentials };
    return rest.request("POST", "/api/auth/login", { ...body, bearer: false });
  }

  /** Logs in and keeps the access token in `rest`. */
  async logIn(rest: RestClient, username: string, password: string): Promise<string> {
    return inStep("log in", async () => this.acceptLogin(rest, await this.logInAnswer(rest, username, password)));
  }

  /** Keeps the access token of a login's answer in `rest`. Throws TargetError "refused" unless it is 200. */
  acceptLogin(rest: RestClient, answer: Answer): string {
    if (answer.status !== 200) throw refused("log in", answer);
    rest.accessToken = this.tokenOf(answer);
    return rest.accessToken;
  }

  /**
   * The access token in an answer of login, refresh or me: a JSON string, bare text (field), or a JwtDto. Throws
   * TargetError "malformed".
   */
  tokenOf(answer: Answer): string {
    const text = answer.text.trim();
    let token: unknown = text;
    if (text.startsWith("{") || text.startsWith('"')) token = jsonOf(answer, "the access token");
    if (typeof token === "object" && token !== null) token = (token as { accessToken?: unknown }).accessToken;
    if (typeof token !== "string" || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
      throw new TargetError(
        "malformed",
        `Cannot find the access token: status ${answer.status}, body ${quoted(answer.text, 60)}`,
      );
    }
    return token;
  }

  /** The id of who just logged in: from the answer, else from the token's claims, else from the list of users. */
  async whoIs(rest: RestClient, username: string, login: Answer): Promise<string | undefined> {
    const [body, claims] = [jsonOrUndefined(login.text), claimsOf(rest.accessToken ?? "")];
    for (const place of [body, claims]) {
      const id = idOf((place as { userDto?: unknown } | undefined)?.userDto);
      if (id !== undefined) return id;
    }
    return (await this.users(rest)).find((user) => user.username === username)?.id;
  }

  logOutAnswer(rest: RestClient): Promise<Answer> {
    return rest.request("POST", "/api/auth/logout");
  }

  /** A fresh access token by the refresh cookie alone. */
  renewAnswer(rest: RestClient): Promise<Answer> {
    return rest.request("POST", "/api/auth/refresh", { bearer: false });
  }

  meAnswer(rest: RestClient): Promise<Answer> {
    return rest.request("GET", "/api/auth/me", { bearer: false });
  }

  async users(rest: RestClient): Promise<UserDto[]> {
    return inStep("list users", async () =>
      this.read(await rest.request("GET", "/api/users"), this.schemas.user.array(), "list users"),
    );
  }

  updateUserAnswer(
    rest: RestClient,
    userId: string,
    changes: Record<string, unknown>,
    profile?: UploadFile,
  ): Promise<Answer> {
    const parts: Part[] = [{ name: "userUpdateRequest", json: changes }];
    if (profile !== undefined) parts.push(partOf("profile", profile));
    return rest.request("PATCH", `/api/users/${userId}`, { multipart: parts });
  }

  deleteUserAnswer(rest: RestClient, userId: string): Promise<Answer> {
    return rest.request("DELETE", `/api/users/${userId}`);
  }

  roleAnswer(rest: RestClient, userId: string, newRole: Role): Promise<Answer> {
    return rest.request("PUT", "/api/auth/role", { json: { userId, newRole } });
  }

  // --- channels

  privateChannelAnswer(rest: RestClient, participantIds: readonly string[]): Promise<Answer> {
    return rest.request("POST", "/api/channels/private", { json: { participantIds } });
  }

  async privateChannel(rest: RestClient, participantIds: readonly string[]): Promise<ChannelDto> {
    return inStep("create a private channel", async () =>
      this.read(
        await this.privateChannelAnswer(rest, participantIds),
        this.schemas.channel,
        "create a private channel",
      ),
    );
  }

  publicChannelAnswer(rest: RestClient, name: string, description: string): Promise<Answer> {
    return rest.request("POST", "/api/channels/public", { json: { name, description } });
  }

  async publicChannel(rest: RestClient, name: string, description: string): Promise<ChannelDto> {
    return inStep("create a public channel", async () =>
      this.read(
        await this.publicChannelAnswer(rest, name, description),
        this.schemas.channel,
        "create a public channel",
      ),
    );
  }

  updateChannelAnswer(rest: RestClient, channelId: string, newName: string, newDescription: string): Promise<Answer> {
    return rest.request("PATCH", `/api/channels/${channelId}`, { json: { newName, newDescription } });
  }

  deleteChannelAnswer(rest: RestClient, channelId: string): Promise<Answer> {
    return rest.request("DELETE", `/api/channels/${channelId}`);
  }

  channelsAnswer(rest: RestClient, userId: string): Promise<Answer> {
    return rest.request("GET", `/api/channels?userId=${userId}`);
  }

  async channels(rest: RestClient, userId: string): Promise<ChannelDto[]> {
    return inStep("list channels", async () =>
      this.read(
        await rest.request("GET", `/api/channels?userId=${userId}`),
        this.schemas.channel.array(),
        "list channels",
      ),
    );
  }

  // --- messages

  postAnswer(
    rest: RestClient,
    message: { channelId: string; authorId: string; content: string },
    attachments: readonly UploadFile[] = [],
  ): Promise<Answer> {
    const parts: Part[] = [
      { name: "messageCreateRequest", json: message },
      ...attachments.map((file) => partOf("attachments", file)),
    ];
    return rest.request("POST", "/api/messages", { multipart: parts });
  }

  async post(
    rest: RestClient,
    message: { channelId: string; authorId: string; content: string },
    attachments: readonly UploadFile[] = [],
  ): Promise<MessageDto> {
    return inStep("post a message", async () =>
      this.read(await this.postAnswer(rest, message, attachments), this.schemas.message, "post a message"),
    );
  }

  historyAnswer(rest: RestClient, channelId: string, query: { cursor?: string; size?: number } = {}): Promise<Answer> {
    const parameters = new URLSearchParams({ channelId, size: String(query.size ?? 50), sort: "createdAt,desc" });
    if (query.cursor !== undefined) parameters.set("cursor", query.cursor);
    return rest.request("GET", `/api/messages?${parameters}`);
  }

  async history(rest: RestClient, channelId: string, query: { cursor?: string; size?: number } = {}): Promise<PageDto> {
    return inStep("read the history", async () =>
      this.read(await this.historyAnswer(rest, channelId, query), this.schemas.page, "read the history"),
    );
  }

  // --- reads, files, notifications

  readStatusAnswer(
    rest: RestClient,
    userId: string,
    channelId: string,
    lastReadAt: string = new Date(Date.now() - 86_400_000).toISOString(),
  ): Promise<Answer> {
    return rest.request("POST", "/api/readStatuses", { json: { userId, channelId, lastReadAt } });
  }

  async readStatuses(rest: RestClient, userId: string): Promise<ReadStatusDto[]> {
    return inStep("list read statuses", async () =>
      this.read(
        await rest.request("GET", `/api/readStatuses?userId=${userId}`),
        this.schemas.readStatus.array(),
        "list read statuses",
      ),
    );
  }

  updateReadStatusAnswer(
    rest: RestClient,
    id: string,
    changes: { newLastReadAt: string | null; newNotificationEnabled: boolean | null },
  ): Promise<Answer> {
    return rest.request("PATCH", `/api/readStatuses/${id}`, { json: changes });
  }

  async file(rest: RestClient, id: string): Promise<BinaryContentDto> {
    return inStep("read a file's metadata", async () =>
      this.read(
        await rest.request("GET", `/api/binaryContents/${id}`),
        this.schemas.binaryContent,
        "read a file's metadata",
      ),
    );
  }

  downloadAnswer(rest: RestClient, id: string): Promise<Answer> {
    return rest.request("GET", `/api/binaryContents/${id}/download`);
  }

  async notifications(rest: RestClient): Promise<NotificationDto[]> {
    return inStep("list notifications", async () =>
      this.read(
        await rest.request("GET", "/api/notifications"),
        this.schemas.notification.array(),
        "list notifications",
      ),
    );
  }

  deleteNotificationAnswer(rest: RestClient, id: string): Promise<Answer> {
    return rest.request("DELETE", `/api/notifications/${id}`);
  }

  /**
   * Reads a 2xx answer's JSON by a schema. Throws TargetError "refused" on another status, "malformed" when the shape
   * is wrong.
   */
  read<T>(answer: Answer, schema: z.ZodType<T>, action: string): T {
    if (answer.status < 200 || answer.status > 299) throw refused(action, answer);
    const value = jsonOf(answer, `the answer to "${action}"`);
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const faults = shapeFaults(value, parsed.error);
    throw new TargetError("malformed", `Cannot ${action}: the answer's shape is wrong (${faults})`);
  }
}

/** The error of an answer that is no success. */
export const refused = (action: string, answer: Answer): TargetError =>
  new TargetError("refused", `Cannot ${action}: answered ${answer.status} ${quoted(answer.text)}`, {
    status: answer.status,
  });

/** The id in an answer; undefined: there is none. */
export const idIn = ({ text }: Pick<Answer, "text">): string | undefined => idOf(jsonOrUndefined(text));

function idOf(value: unknown): string | undefined {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The claims of a JWT, unverified; undefined when it has none. */
function claimsOf(token: string): unknown {
  return jsonOrUndefined(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}
