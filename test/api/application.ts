import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DfnsApiClient, DfnsAuthenticator, DfnsDelegatedApiClient, type UserActionChallenge } from "@dfns/sdk";
import { AsymmetricKeySigner } from "@dfns/sdk-keysigner";
import { LocalCluster, until } from "../cluster/local-cluster.ts";
import { Recorder } from "./recorder.ts";

/** What an application is configured with to act as somebody. */
export interface Identity {
  /** The bearer token. */
  readonly token: string;
  readonly credId: string;
  /** PEM. */
  readonly privateKey: string;
}

/** An answer of the API, as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look into is what they test
  readonly body: any;
}

/** Whatever signs challenges: an official signer or one of the software credentials. */
export interface Signing {
  sign(challenge: UserActionChallenge): Promise<unknown>;
}

interface Call {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A network of real processes with an organisation, as `quorate up` leaves it, and the clients of an application that uses it. */
export class Application implements AsyncDisposable {
  readonly cluster: LocalCluster;
  readonly recorder: Recorder;
  readonly orgId: string;
  readonly admin: Identity;
  readonly serviceAccount: Identity;

  constructor(
    cluster: LocalCluster,
    recorder: Recorder,
    who: { admin: Identity; serviceAccount: Identity; orgId: string },
  ) {
    this.cluster = cluster;
    this.recorder = recorder;
    this.orgId = who.orgId;
    this.admin = who.admin;
    this.serviceAccount = who.serviceAccount;
  }

  /** The newest code that the network logged for a user, in place of a mail; waits for it. */
  async codeOf(username: string): Promise<string> {
    const path = join(this.cluster.dir, "nodes", "coordinator", "log.jsonl");
    for (;;) {
      const lines = readFileSync(path, "utf8").split("\n");
      const newest = lines.findLast((line) => line.includes('"api.code"') && line.includes(`"${username}"`));
      if (newest !== undefined) return JSON.parse(newest).code;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get baseUrl(): string {
    return this.recorder.url;
  }

  /** The official client of somebody whose key it holds. */
  client(who: Identity, orgId: string = this.orgId): DfnsApiClient {
    return this.clientOf(who.token, new AsymmetricKeySigner(who), orgId);
  }

  /** The official client with a signer of any kind. */
  clientOf(token: string, signer?: Signing, orgId: string = this.orgId): DfnsApiClient {
    const options = { baseUrl: this.baseUrl, orgId, authToken: token };
    return new DfnsApiClient(signer === undefined ? options : { ...options, signer: signer as AsymmetricKeySigner });
  }

  /** The official client of a back end that has others sign. */
  delegated(token: string): DfnsDelegatedApiClient {
    return new DfnsDelegatedApiClient({ baseUrl: this.baseUrl, orgId: this.orgId, authToken: token });
  }

  /** A call without any client. */
  async call(method: string, path: string, { token, body, headers = {} }: Call = {}): Promise<Answer> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }

  /** Signs a user action, step by step. @returns the token that goes with the call itself */
  async userAction(who: Identity, method: string, path: string, body: unknown): Promise<string> {
    const begun = await this.begin(who, method, path, body);
    const signed = await this.call("POST", "/auth/action", { token: who.token, body: signedBy(who, begun) });
    if (signed.status !== 200) throw new Error(JSON.stringify(signed.body));
    return signed.body.userAction;
  }

  /** The challenge for a user action. */
  async begin(who: Identity, method: string, path: string, body: unknown): Promise<UserActionChallenge> {
    const asked = {
      userActionPayload: body === undefined ? "" : JSON.stringify(body),
      userActionHttpMethod: method,
      userActionHttpPath: path,
      userActionServerKind: "Api",
    };
    const begun = await this.call("POST", "/auth/action/init", { token: who.token, body: asked });
    if (begun.status !== 200) throw new Error(JSON.stringify(begun.body));
    return begun.body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder[Symbol.asyncDispose]();
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** A challenge signed with the key of an identity, as the official key signer signs it, whatever it allows. */
export function signedBy(who: Pick<Identity, "credId" | "privateKey">, challenge: UserActionChallenge) {
  const key: KeyObject = createPrivateKey(who.privateKey);
  const clientData = Buffer.from(JSON.stringify({ type: "key.get", challenge: challenge.challenge }));
  const signature = sign(undefined, clientData, key).toString("base64url");
  const credentialAssertion = { credId: who.credId, clientData: clientData.toString("base64url"), signature };
  return {
    challengeIdentifier: challenge.challengeIdentifier,
    firstFactor: { kind: "Key" as const, credentialAssertion },
  };
}

/** What `up` wrote for applications to source. */
function readEnv(path: string): Record<string, string> {
  const lines = readFileSync(path, "utf8").matchAll(/^export ([A-Z_]+)='([^']*)'$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, value]) => [name!, value!]));
}

/** The administrator logs in with the key that lies in the directory. */
async function logIn(cluster: LocalCluster, baseUrl: string): Promise<Identity & { orgId: string }> {
  const dir = join(cluster.dir, "organisation");
  const { organisation, username, credentialId } = JSON.parse(readFileSync(join(dir, "admin.json"), "utf8"));
  const privateKey = readFileSync(join(dir, "admin.pem"), "utf8");
  const signer = new AsymmetricKeySigner({ credId: credentialId, privateKey });
  const { token } = await new DfnsAuthenticator({ baseUrl, signer }).login({ orgId: organisation, username });
  return { token, credId: credentialId, privateKey, orgId: organisation };
}

/** Starts a network of its own with its organisation, and waits until its signers can sign by ECDSA. */
export async function startApplication(...options: readonly string[]): Promise<Application> {
  const cluster = await LocalCluster.start("--no-regions", ...options);
  try {
    await until(async () => {
      const { pairs } = (await cluster.call("GET", "/_quorate/health")).body as {
        pairs: { ready: number; total: number };
      };
      return pairs.ready === pairs.total;
    });
    const recorder = await Recorder.before(cluster.api.url);
    const env = readEnv(join(cluster.dir, "env"));
    const { orgId, ...admin } = await logIn(cluster, recorder.url);
    const serviceAccount = {
      token: env.DFNS_AUTH_TOKEN!,
      credId: env.DFNS_CRED_ID!,
      privateKey: env.DFNS_PRIVATE_KEY!,
    };
    return new Application(cluster, recorder, { orgId, admin, serviceAccount });
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
