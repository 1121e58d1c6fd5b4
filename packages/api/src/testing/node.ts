import { generateKeyPairSync, sign } from "node:crypto";
import { genesisHash, genesisRecord, TestUser } from "@quorate/authority/testing";
import { Coordinator, type CoordinatorConfig, type KeyRecord, type RequestRecord } from "@quorate/coordinator";
import {
  hex,
  type NetworkFile,
  type NodeId,
  networkHash,
  type Order,
  type Outcome,
  open,
  order,
  outcome,
  parseNetworkFile,
  publicId,
  seal,
  unhex,
} from "@quorate/orders";
import { EventHub } from "../events.ts";
import type { ApiOptions } from "../options.ts";
import type { App } from "../routes.ts";
import { MemoryWorld } from "./world.ts";

export const TOKEN = "a-token-of-some-length";

export const NAMES = ["virginia", "ohio", "montreal"] as const;

type Identity = CoordinatorConfig["identity"];

/** A fresh Ed25519 identity. */
function newIdentity(): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(-32),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** A coordinator that runs in this process, a world without signers, and what the API needs of both. */
export interface TestNode {
  readonly coordinator: Coordinator;
  readonly network: NetworkFile;
  readonly world: MemoryWorld;
  readonly events: EventHub;
  readonly options: ApiOptions;
  readonly identities: ReadonlyMap<NodeId, Identity>;
}

/** @param records what the coordinator finds stored when it starts */
export async function startNode(records: readonly (KeyRecord | RequestRecord)[] = []): Promise<TestNode> {
  const node = makeNode();
  for (const record of records) await store(node.world, record);
  const ready = new Promise<void>((resolve) => {
    node.world.onEvent = (event) => {
      node.events.publish(event);
      if (event.type === "coordinator.ready") resolve();
    };
  });
  node.world.run(node.coordinator);
  await ready;
  return node;
}

/** As `startNode`, but the coordinator has not started: it has read none of its records. */
export function makeNode(): TestNode {
  const identities = new Map([...NAMES, "coordinator"].map((name) => [name, newIdentity()]));
  const genesis = genesisRecord(new TestUser(), 0);
  const network = networkOf(identities, genesisHash(genesis));
  const world = new MemoryWorld();
  const events = new EventHub();
  const identity = identities.get("coordinator")!;
  const coordinator = new Coordinator({ network, identity, world, backend: "noble", organisations: [genesis] });
  const metrics = async () => ({ contentType: "text/plain; version=0.0.4", body: "quorate_up 1\n" });
  const options = {
    coordinator,
    authority: coordinator,
    network,
    token: TOKEN,
    tokenSeed: new Uint8Array(32).fill(7),
    host: "127.0.0.1",
    port: 0,
    events,
    metrics,
    version: "0.1.0",
    now: Date.now,
  };
  return { coordinator, network, world, events, options, identities };
}

function networkOf(identities: ReadonlyMap<NodeId, Identity>, genesis: string): NetworkFile {
  const node = (name: string, at: number) => ({
    name,
    region: `region-${at}`,
    operator: `operator-${at}`,
    publicKey: hex(identities.get(name)!.publicKey),
    addresses: [`/ip4/127.0.0.1/tcp/${4100 + at}`],
  });
  return parseNetworkFile(
    JSON.stringify({
      format: 1,
      networkId: "test",
      coordinator: node("coordinator", 0),
      nodes: NAMES.map((name, at) => node(name, at + 1)),
      operators: NAMES.map((_, at) => ({ name: `operator-${at + 1}`, publicKey: String(at).repeat(64) })),
      organisations: [{ genesis }],
      defaults: { minSigners: 2, maxSigners: 3 },
    }),
  );
}

function store(world: MemoryWorld, record: KeyRecord | RequestRecord): Promise<void> {
  const value = new TextEncoder().encode(JSON.stringify(record));
  const place =
    "suite" in record ? { kind: "key", epoch: record.epoch } : { kind: "request", scope: record.keyId, epoch: 0 };
  return new Promise((resolve) => {
    world.run({ start: () => {}, receive: () => {}, peer: () => {}, wake: () => resolve() });
    world.write([{ ...place, id: record.id, value }], 0);
  });
}

/** A stored ed25519 key; its certificate is read only when shares are aggregated. */
export function keyRecord(at: number): KeyRecord {
  return {
    id: publicId("key", new Uint8Array(17).fill(at)),
    keyId: String(at).repeat(64).slice(0, 64),
    epoch: 0,
    suite: "ed25519",
    scheme: "EdDSA",
    curve: "ed25519",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    minSigners: 2,
    members: NAMES.map((node, index) => ({ identifier: index + 1, node })),
    name: at === 1 ? "treasury" : null,
    certificate: "00",
    derivedFrom: null,
    imported: false,
    dateExported: null,
    dateCreated: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  };
}

/** A stored request that was signed. */
export function signedRecord(key: KeyRecord, at: number): RequestRecord {
  const part = `0x${"ab".repeat(32)}`;
  return {
    id: publicId("sig", new Uint8Array(17).fill(at)),
    keyId: key.id,
    body: { kind: "Message", message: "0x00", network: "Solana", externalId: `order-${at}` },
    transaction: null,
    bodyDigest: "00",
    externalId: `order-${at}`,
    dateRequested: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    deadline: Date.UTC(2026, 0, 2, 3, 4, 35, 6),
    status: "Signed",
    reason: null,
    dateSigned: Date.UTC(2026, 0, 2, 3, 4, 5, 40),
    result: { signature: { r: part, s: part, encoded: `${part}${part.slice(2)}` } },
    attempts: [
      { signers: ["ohio", "virginia"], form: "one-round", startedMs: 0, endedMs: 34, result: "signed", culprits: [] },
    ],
    timing: { totalMs: 34, networkMs: 19, cryptoMs: 2, restMs: 13 },
    organisation: "or-test",
    requester: { userId: "us-test" },
    authority: { kind: "admitted", organisation: "or-test", requestId: "sig-test" },
    path: `/keys/${key.id}/signatures`,
    walletId: null,
  };
}

/** Lets a signer say something to the coordinator, signed as it would be. */
export function say({ coordinator, network, identities }: TestNode, from: NodeId, what: Outcome): void {
  const address = { networkHash: networkHash(network), purpose: "outcome", from, to: "coordinator" } as const;
  coordinator.receive(from, seal(outcome, what, identities.get(from)!, address));
}

/** A signer connects, and says that it holds a key. */
export function hold(node: TestNode, name: NodeId, { keyId, epoch }: KeyRecord): void {
  node.coordinator.peer(name, { connected: true, instance: "01", rttMs: 10 });
  const keys = [{ keyId: unhex(keyId), epoch, state: "active" as const, fault: "" }];
  say(node, name, { kind: "holdings", keys });
}

/** An order with an execution, as `obey` hands it on. */
type Execution = Extract<Order, { readonly executionId: Uint8Array }>;

/** Plays the signers: `play` is called with each order that begins an execution. */
export function obey(node: TestNode, play: (to: NodeId, order: Execution) => void): void {
  const coordinatorKey = node.identities.get("coordinator")!.publicKey;
  node.world.onSend = (to, bytes) => {
    const address = { networkHash: networkHash(node.network), purpose: "order", from: "coordinator", to } as const;
    const message = open(order, bytes, coordinatorKey, address);
    if (message !== undefined && "executionId" in message) play(to, message);
  };
}

/** What the tests read of answers; which members are there depends on the path. */
export interface Answer {
  readonly id: string;
  readonly keyId: string;
  readonly status: string;
  readonly items: readonly { readonly id: string }[];
  readonly nextPageToken: string;
  readonly clusters: readonly { readonly signers: readonly unknown[] }[];
  readonly message: string;
  readonly error: {
    readonly id: string;
    readonly status: number;
    readonly message: string;
    readonly details: {
      readonly code: string;
      readonly field: string;
      readonly hint: string;
      readonly requestId: string;
      readonly missing: readonly { readonly node: string }[];
    };
  };
}

/** A call with the token; a body is sent as JSON. */
export function call(app: App, method: string, path: string, body?: unknown) {
  const type = { "content-type": "application/json" };
  return send(app, path, { method, ...(body === undefined ? {} : { headers: type, body: JSON.stringify(body) }) });
}

/** A call with the token, otherwise as given. */
export async function send(app: App, path: string, init: RequestInit) {
  const headers = { authorization: `Bearer ${TOKEN}`, ...init.headers };
  const response = await app.request(path, { ...init, headers });
  const answer: Answer = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body: answer };
}
