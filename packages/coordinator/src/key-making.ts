import {
  hex,
  InputError,
  isEcdsa,
  type KeyCreation,
  type Member,
  type NetworkFile,
  type NodeId,
  type OrderCause,
  type SuiteName,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import type { KeyRunEnd, KeyRuns } from "./key-runs.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import { type Curve, encodeRecord, type KeyRecord, type Scheme } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { Supply } from "./supply.ts";

/** A key that somebody asks for; `minSigners` defaults to the network file's. All nodes of the network hold it. */
export interface CreateKey {
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly name?: string | undefined;
  readonly minSigners?: number | undefined;
}

/** A key that exists elsewhere: a share for each signer, sealed to its encryption key by whoever brings it. */
export interface ImportKey {
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly name?: string | undefined;
  readonly minSigners: number;
  readonly sealedShares: ReadonlyMap<NodeId, Uint8Array>;
}

/** What key generation works with. */
export interface KeyMakingParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly supply: Supply;
  readonly runs: KeyRuns;
}

/** Which key of a log is made: its id there, and what the signers are told of it. */
export interface KeyOrigin {
  readonly id: string;
  readonly executionId: Uint8Array;
  readonly creation: KeyCreation;
}

/** Which key of a log is brought here, and the record that has it brought. */
export interface ImportOrigin {
  readonly id: string;
  readonly cause: OrderCause;
}

interface Making {
  readonly id: string;
  readonly request: Pick<CreateKey, "scheme" | "curve" | "name">;
  readonly suite: SuiteName;
  readonly minSigners: number;
  readonly members: readonly Member[];
  readonly imported: boolean;
  readonly reply: Reply<KeyRecord>;
}

/** The most keys of a network; its signers take on no more. */
const MAX_KEYS = 2048;

/** Keys that are made, or brought here: all signers of the network take part. */
export class KeyMaking {
  readonly #parts: KeyMakingParts;

  constructor(parts: KeyMakingParts) {
    this.#parts = parts;
  }

  /** @throws InputError for what can be refused at once */
  start(request: CreateKey, origin: KeyOrigin, reply: Reply<KeyRecord>): void {
    const { network, keyring, link, runs } = this.#parts;
    const suite = suiteOf(request);
    const nodes = holdersOf(network);
    const minSigners = request.minSigners ?? network.defaults.minSigners;
    this.#check(minSigners, nodes);
    const members = nodes.map((node, at) => ({ identifier: at + 1, node }));
    const { executionId, creation } = origin;
    const participants = members.map(({ identifier, node }) => ({ identifier, publicKey: link.identityOf(node)! }));
    const config = { suite, group: keyring.group(suite), executionId, minSigners, participants };
    const making: Making = { id: origin.id, request, suite, minSigners, members, imported: false, reply };
    this.#announce("keygen", executionId, making);
    runs.start({
      ...{ what: "keygen", executionId, members, config },
      orderTo: () => ({ kind: "keygen", executionId, suite, minSigners, members, creation }),
      check: (certificate) => this.#record(making, certificate),
      ended: (end) => this.#ended(making, end),
    });
  }

  /** Brings a key here. Each signer gets its own share and nobody else's; the signers agree among themselves that it is one key. */
  import(request: ImportKey, origin: ImportOrigin, reply: Reply<KeyRecord>): void {
    const { world, network, link, runs } = this.#parts;
    const suite = suiteOf(request);
    const { minSigners, sealedShares } = request;
    const nodes = holdersOf(network);
    const field = "encryptedKeyShares";
    const without = nodes.filter((node) => !sealedShares.has(node));
    if (without.length > 0 || sealedShares.size !== nodes.length) {
      const message = `${field}: one share for each of the ${nodes.length} signers; ${without.join(", ") || "none"} has none`;
      throw new InputError("invalid_input", message, { field, hint: "seal to exactly the signers of GET /signers" });
    }
    this.#check(minSigners, nodes);
    const members = ranked(nodes, (node) => link.identityOf(node)!);
    const executionId = world.random(16);
    const making: Making = { id: origin.id, request, suite, minSigners, members, imported: true, reply };
    this.#announce("import", executionId, making);
    runs.start({
      ...{ what: "import", executionId, members },
      orderTo: ({ node }) => {
        const sealedShare = sealedShares.get(node)!;
        return { kind: "import", executionId, suite, minSigners, members, sealedShare, cause: origin.cause };
      },
      check: (certificate) => this.#record(making, certificate),
      ended: (end) => this.#ended(making, end),
    });
  }

  #check(minSigners: number, nodes: readonly NodeId[]): void {
    if (this.#parts.keyring.all().filter((key) => key.derivedFrom === null).length >= MAX_KEYS) {
      throw new InputError("impossible", `there are ${MAX_KEYS} keys, the most that this network holds`);
    }
    if (!Number.isInteger(minSigners) || minSigners < 2 || minSigners > nodes.length) {
      const field = "minSigners";
      throw new InputError("invalid_input", `${field} must be between 2 and ${nodes.length}`, { field });
    }
    this.#parts.runs.check(nodes);
  }

  #announce(what: "keygen" | "import", executionId: Uint8Array, { suite, minSigners, members }: Making): void {
    const execution = hex(executionId);
    this.#parts.world.emit({ type: `${what}.started`, execution, suite, minSigners, maxSigners: members.length });
  }

  #ended(making: Making, end: KeyRunEnd): void {
    if ("error" in end) making.reply(end);
    else this.#activate(making, this.#record(making, end.certificate), end.done);
  }

  #activate({ members, reply }: Making, record: KeyRecord, done: ReadonlySet<NodeId>): void {
    const { waits, keyring, peers, link, supply, world } = this.#parts;
    const place = { kind: "key", id: record.id, epoch: record.epoch };
    waits.write([{ ...place, value: encodeRecord(record), ifAbsent: true }], (result) => {
      if (result === "conflict") return keyring.adopt(waits, place, reply);
      if (result !== "ok") {
        const message = `the key could not be stored (${result})`;
        return reply({ error: new InputError("failed", message, { hint: "see the disk" }) });
      }
      keyring.add(record);
      for (const { node } of members) {
        if (done.has(node)) peers.holdActive(node, keyring.keyId(record), record.epoch);
        else link.send(node, { kind: "certify", certificate: unhex(record.certificate) });
      }
      if (!isEcdsa(record.suite)) supply.fill(record);
      const { scheme, publicKey, imported } = record;
      world.emit({ type: "key.created", key: record.id, scheme, publicKey, imported });
      reply({ ok: record });
    });
  }

  /** @throws Error unless the certificate is that of the key that is being made */
  #record({ id, request, suite, minSigners, members, imported }: Making, bytes: Uint8Array): KeyRecord {
    const { keyring, link, world } = this.#parts;
    const verified = keyring.verified(bytes);
    if (keyring.byKeyId(hex(verified.keyId)) !== undefined) throw new Error("it is that of an earlier key");
    const expected = members.every((member) => {
      const holder = verified.participants.find((one) => one.identifier === member.identifier);
      const identity = link.identityOf(member.node);
      return holder !== undefined && identity !== undefined && hex(holder.publicKey) === hex(identity);
    });
    if (!expected || verified.participants.length !== members.length) throw new Error("it names other holders");
    if (verified.suite !== suite || verified.minSigners !== minSigners) throw new Error("it is for another key");
    return {
      id,
      keyId: hex(verified.keyId),
      epoch: verified.epoch,
      suite,
      scheme: request.scheme,
      curve: request.curve,
      publicKey: hex(verified.publicKey),
      minSigners: verified.minSigners,
      members,
      name: request.name ?? null,
      certificate: hex(bytes),
      derivedFrom: null,
      imported,
      dateCreated: world.wallNow(),
      dateExported: null,
    };
  }
}

/** Who holds a new key: the first of the network file. */
export function holdersOf(network: NetworkFile): readonly NodeId[] {
  return network.nodes.slice(0, network.defaults.maxSigners).map((node) => node.name);
}

/** Numbers nodes from 1 by the order of their identities: whoever deals the shares of an imported key does the same. */
export function ranked(nodes: readonly NodeId[], identityOf: (node: NodeId) => Uint8Array): readonly Member[] {
  return nodes
    .toSorted((a, b) => Buffer.compare(identityOf(a), identityOf(b)))
    .map((node, at) => ({ identifier: at + 1, node }));
}

const SUITE_OF: Readonly<Partial<Record<`${Scheme} ${Curve}`, SuiteName>>> = {
  "EdDSA ed25519": "ed25519",
  "Schnorr secp256k1": "taproot",
  "ECDSA secp256k1": "ecdsa-secp256k1",
  "ECDSA secp256r1": "ecdsa-p256",
};

/** The kind of key that is asked for. @throws InputError for a scheme on a curve that it is not defined on */
export function suiteOf({ scheme, curve }: Pick<CreateKey, "scheme" | "curve">): SuiteName {
  const suite = SUITE_OF[`${scheme} ${curve}`];
  if (suite !== undefined) return suite;
  throw new InputError("invalid_input", `${scheme} does not go with ${curve}`, {
    field: "curve",
    hint: "EdDSA goes with ed25519, Schnorr with secp256k1, ECDSA with secp256k1 and secp256r1",
  });
}
