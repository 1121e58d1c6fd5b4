import { H, u32be } from "@quorate/curves";
import { z } from "zod";
import { InputError } from "./errors.ts";
import { NODE_NAME, type NodeId, unhex } from "./ids.ts";
import { MAX_SIGNERS } from "./suite.ts";

const publicKey = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits (an Ed25519 public key)");
const name = z.string().regex(NODE_NAME, "lower-case letters, digits and dashes, starting with a letter");
const address = z
  .string()
  .regex(/^\/(ip4|ip6|dns4|dns6|dns)\/[^/]+\/tcp\/\d{1,5}$/, "a multiaddress such as /ip4/127.0.0.1/tcp/4101");

const node = z.strictObject({
  name,
  region: z.string().min(1).max(32),
  operator: name,
  publicKey,
  addresses: z.array(address).min(1).max(8),
});

/** How many coordinators there may be besides the first. */
const MAX_FURTHER_COORDINATORS = 7;

/** Of a file that was made before networks had organisations: none can be added, since the file is what everything is bound to. */
const NOBODY = "at least one, whose users the signers sign for; keep this network for its keys, and make a new one";

const schema = z.strictObject({
  format: z.literal(1),
  networkId: z.string().regex(/^[a-z0-9-]{1,64}$/, "1 to 64 lower-case letters, digits and dashes"),
  coordinator: node,
  /** More coordinators, which share one database with the first: any of them may give orders. */
  coordinators: z.array(node).max(MAX_FURTHER_COORDINATORS).optional(),
  nodes: z.array(node).min(2).max(MAX_SIGNERS),
  operators: z
    .array(z.strictObject({ name, publicKey }))
    .min(1)
    .max(MAX_SIGNERS + 1),
  /** Hashes of the first records of the organisations' logs: whatever else is said of an organisation follows from these. */
  organisations: z
    .array(z.strictObject({ genesis: publicKey }), NOBODY)
    .min(1, NOBODY)
    .max(64),
  defaults: z.strictObject({ minSigners: z.int().min(2), maxSigners: z.int().max(MAX_SIGNERS) }),
});

/** A process of the network as the file describes it. `publicKey` is the hex of its Ed25519 identity. */
export type NetworkNode = z.infer<typeof node>;

/** The one file that says who is in the network. Every process has the same; `networkHash` of it is compared at the hello. */
export type NetworkFile = z.infer<typeof schema>;

/** @throws InputError naming the field */
export function parseNetworkFile(json: string): NetworkFile {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (error) {
    throw new InputError("invalid_input", `the network file is not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.map(String).join(".") ?? "";
    throw new InputError("invalid_input", `network file: ${field || "(top)"}: ${issue?.message}`, { field });
  }
  checkRelations(parsed.data);
  return parsed.data;
}

function checkRelations(file: NetworkFile): void {
  const { minSigners, maxSigners } = file.defaults;
  if (minSigners > maxSigners)
    refuse("defaults.minSigners", `${minSigners} is above defaults.maxSigners (${maxSigners})`);
  if (maxSigners > file.nodes.length)
    refuse("defaults.maxSigners", `${maxSigners}, but there are ${file.nodes.length} nodes`);
  const everyone = everyoneOf(file);
  unique(
    "name",
    everyone.map((one) => one.name),
  );
  unique(
    "publicKey",
    everyone.map((one) => one.publicKey),
  );
  unique(
    "organisations.genesis",
    file.organisations.map((one) => one.genesis),
  );
  const operators = file.operators.map((one) => one.name);
  unique("operators.name", operators);
  for (const [at, one] of file.nodes.entries()) {
    if (!operators.includes(one.operator)) refuse(`nodes.${at}.operator`, `${one.operator} is not among operators`);
  }
  for (const one of everyone) {
    for (const text of one.addresses) {
      if (Number(text.split("/").at(-1)) > 65535) refuse(`${one.name}.addresses`, `no such port in ${text}`);
    }
  }
}

function unique(field: string, values: readonly string[]): void {
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) refuse(field, `${twice} appears twice`);
}

function refuse(field: string, problem: string): never {
  throw new InputError("invalid_input", `network file: ${field}: ${problem}`, { field });
}

/**
 * What must be equal everywhere: all of the file but the addresses, which may change without changing who is meant.
 *
 * @returns 32 bytes
 */
export function networkHash(file: NetworkFile): Uint8Array {
  const text = (value: string) => new TextEncoder().encode(value);
  const nodeParts = (one: NetworkNode) => [text(one.name), text(one.region), text(one.operator), unhex(one.publicKey)];
  const further = file.coordinators ?? [];
  return H(
    "orders/v1",
    "network",
    u32be(file.format),
    text(file.networkId),
    ...nodeParts(file.coordinator),
    u32be(file.nodes.length),
    ...file.nodes.flatMap(nodeParts),
    u32be(file.operators.length),
    ...file.operators.flatMap((one) => [text(one.name), unhex(one.publicKey)]),
    u32be(file.organisations.length),
    ...file.organisations.map((one) => unhex(one.genesis)),
    u32be(file.defaults.minSigners),
    u32be(file.defaults.maxSigners),
    // At the end, and only where there are any: the hash of a network with one coordinator stays what it was.
    ...(further.length === 0 ? [] : [u32be(further.length), ...further.flatMap(nodeParts)]),
  );
}

/** All coordinators, the first first: the records that they share are kept under its name. */
export function coordinatorsOf({ coordinator, coordinators = [] }: CoordinatorNodes): readonly NetworkNode[] {
  return [coordinator, ...coordinators];
}

/** What names the coordinators of a network file. */
type CoordinatorNodes = Pick<NetworkFile, "coordinator" | "coordinators">;

/** All coordinators, then all signers. */
export function everyoneOf(file: CoordinatorNodes & Pick<NetworkFile, "nodes">): readonly NetworkNode[] {
  return [...coordinatorsOf(file), ...file.nodes];
}

/** The node of that name, coordinator or signer. */
export function findNode(file: NetworkFile, id: NodeId): NetworkNode | undefined {
  return everyoneOf(file).find((one) => one.name === id);
}
