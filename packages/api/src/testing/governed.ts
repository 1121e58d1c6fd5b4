import { AuthorityError, type LoggedAction, type Organisation, tokenCredentialId } from "@quorate/authority";
import { TestOrganisation, TestUser } from "@quorate/authority/testing";
import type { KeyRecord, Page, Reply, RequestRecord, SignerReport, SignRequest } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Authority, Committed } from "../access/authority.ts";
import { Tokens } from "../access/tokens.ts";
import { createApp } from "../app.ts";
import type { ApiOptions } from "../options.ts";
import type { App } from "../routes.ts";
import { startNode, type TestNode } from "./node.ts";

/** A log that needs no signers: what `judge` takes is committed. Time stands still until a test moves it. */
export class LogAlone implements Authority {
  readonly log: TestOrganisation;

  constructor(settings: ConstructorParameters<typeof TestOrganisation>[0] = {}) {
    this.log = new TestOrganisation({ network: "test", ...settings });
  }

  organisations(): readonly Organisation[] {
    return [this.log.state];
  }

  organisation(id: string): Organisation {
    if (id === this.log.state.id) return this.log.state;
    throw new InputError("not_found", `no organisation ${id}`, { field: "orgId" });
  }

  act(organisationId: string, action: LoggedAction, reply: Reply<Committed>): void {
    const { id, head } = this.organisation(organisationId);
    const { time } = this.log;
    try {
      const place = { format: 1, organisation: id, height: head.height + 1, previous: head.hash, time } as const;
      const hash = this.log.follow({ ...place, action });
      reply({ ok: { hash, height: head.height + 1, time } });
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error;
      reply({ error: error as unknown as InputError });
    }
  }

  /** A key of nobody: `make` says what the signers would. */
  makeKey(_: string, id: string, __: object, reply: Reply<KeyRecord>): void {
    const { scheme, curve } = this.log.state.keys.get(id)!;
    const known = this.made.get(id) ?? this.make(id, scheme, curve);
    this.made.set(id, known);
    reply({ ok: known });
  }

  key(id: string): KeyRecord {
    const known = this.made.get(id);
    if (known === undefined) throw new InputError("not_found", `no key ${id}`, { field: "keyId" });
    return known;
  }

  /** What the signers would answer; nothing unless a test says so. */
  onSign: (request: SignRequest) => RequestRecord = () => {
    throw new InputError("quorum_unavailable", "there are no signers here");
  };
  readonly made = new Map<string, KeyRecord>();
  readonly asked: SignRequest[] = [];
  readonly signed: RequestRecord[] = [];
  make: (id: string, scheme: KeyRecord["scheme"], curve: KeyRecord["curve"]) => KeyRecord = () => {
    throw new InputError("quorum_unavailable", "there are no signers here");
  };

  sign(request: SignRequest, reply: Reply<RequestRecord>): void {
    this.asked.push(request);
    const record = this.onSign(request);
    this.signed.push(record);
    reply({ ok: record });
  }

  signature(id: string, reply: Reply<RequestRecord>): void {
    const found = this.signed.find((one) => one.id === id);
    reply(found === undefined ? { error: new InputError("not_found", `no signature request ${id}`) } : { ok: found });
  }

  signatures(keyId: string, _: number, __: number | undefined, reply: Reply<Page<RequestRecord>>): void {
    reply({ ok: { items: this.signed.filter((one) => one.keyId === keyId), next: null } });
  }

  signers(): readonly SignerReport[] {
    return [];
  }

  exportCaused(): never {
    throw new InputError("quorum_unavailable", "there are no signers here");
  }

  importCaused(): never {
    throw new InputError("quorum_unavailable", "there are no signers here");
  }

  refreshCaused(): never {
    throw new InputError("quorum_unavailable", "there are no signers here");
  }
}

/** An API of one organisation, and somebody in it who calls. */
export class GovernedApi {
  readonly node: TestNode;
  readonly authority: LogAlone;
  readonly app: App;
  readonly tokens: Tokens;

  constructor(node: TestNode, authority: LogAlone, more: Partial<ApiOptions> = {}) {
    const now = () => authority.log.time;
    this.node = node;
    this.authority = authority;
    this.app = createApp({ ...node.options, now, authority, ...more });
    this.tokens = new Tokens(node.options.tokenSeed, "test", now);
  }

  static async start(
    more: Partial<ApiOptions> & { settings?: ConstructorParameters<typeof TestOrganisation>[0] } = {},
  ): Promise<GovernedApi> {
    const { settings, ...options } = more;
    return new GovernedApi(await startNode(), new LogAlone(settings), options);
  }

  get organisation(): Organisation {
    return this.authority.log.state;
  }

  /** A service account with a permission of these operations; none at all for an empty list. */
  async serviceAccount(operations: readonly string[] = ["*"], name = `robot-${operations.join("-")}`): Promise<Caller> {
    const { log } = this.authority;
    const key = new TestUser();
    const full = [...this.organisation.permissions.values()].find((one) => one.operations.includes("*"))!;
    const permissionId = operations.includes("*") ? full.id : this.permission(operations);
    const body = { name, publicKey: key.publicKey, ...(operations.length === 0 ? {} : { permissionId }) };
    const hash = log.act({ method: "POST", path: "/auth/service-accounts", body });
    const token = [...this.organisation.tokens.values()].at(-1)!;
    const bearer = await this.tokens.sign({
      ...{ organisation: this.organisation.id, user: token.user, username: name },
      ...{ kind: "ServiceAccount", id: token.id, expires: token.expires },
    });
    return new Caller(this, bearer, key.as(tokenCredentialId(hash)), tokenCredentialId(hash), token.user);
  }

  /** A permission that is in the state, whether or not the log knows how to make one. */
  permission(operations: readonly string[]): string {
    const id = `pm-test-${operations.join("-").toLowerCase()}`.slice(0, 64);
    const common = { isImmutable: false, isArchived: false, created: 0, updated: 0 };
    this.organisation.permissions.set(id, { id, name: id, operations, ...common });
    return id;
  }

  async send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await this.app.request(path, { method, headers: { ...type, ...headers }, ...text });
    const answer = await response.text();
    return { status: response.status, headers: response.headers, body: answer === "" ? {} : JSON.parse(answer) };
  }

  stop(): void {
    this.node.world.stop();
  }
}

/** Somebody with a bearer token and a credential. */
export class Caller {
  readonly api: GovernedApi;
  readonly bearer: string;
  readonly signer: Pick<TestUser, "assert">;
  readonly credentialId: string;
  readonly userId: string;

  constructor(
    api: GovernedApi,
    bearer: string,
    signer: Pick<TestUser, "assert">,
    credentialId: string,
    userId: string,
  ) {
    this.api = api;
    this.bearer = bearer;
    this.signer = signer;
    this.credentialId = credentialId;
    this.userId = userId;
  }

  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    return this.api.send(method, path, body, { authorization: `Bearer ${this.bearer}`, ...headers });
  }

  begin(method: string, path: string, body?: unknown) {
    const payload = body === undefined ? "" : JSON.stringify(body);
    return this.send("POST", "/auth/action/init", {
      ...{ userActionPayload: payload, userActionHttpMethod: method, userActionHttpPath: path },
      userActionServerKind: "Api",
    });
  }

  /** Signs a request as the official client does. @returns the user action token */
  async signed(method: string, path: string, body?: unknown): Promise<string> {
    const { challenge, challengeIdentifier } = (await this.begin(method, path, body)).body;
    const firstFactor = this.signer.assert(challenge);
    const answer = await this.send("POST", "/auth/action", { challengeIdentifier, firstFactor });
    if (answer.status !== 200) throw new Error(answer.body.message);
    return answer.body.userAction;
  }

  /** A signed call, all three steps. */
  async act(method: string, path: string, body?: unknown) {
    const action = await this.signed(method, path, body);
    return this.send(method, path, body, { "x-dfns-useraction": action });
  }
}
