import { judgeEncoded } from "@quorate/keygen/aggregate";
import {
  hex,
  InputError,
  isEcdsa,
  type Member,
  type NetworkFile,
  type NodeId,
  type OutcomeOf,
  publicId,
  type SuiteName,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import type { DeriveKey } from "./children.ts";
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
  /** Makes no new secret, but a child of a key. */
  readonly deriveFrom?: DeriveKey | undefined;
  /** How many presignatures of an ECDSA key to keep lying ready, from the start. */
  readonly presign?: number | undefined;
}

interface Making {
  readonly executionId: Uint8Array;
  readonly suite: SuiteName;
  readonly request: CreateKey;
  readonly minSigners: number;
  readonly members: readonly Member[];
  readonly done: Set<NodeId>;
  readonly aborts: Map<NodeId, OutcomeOf<"aborted">>;
  /** As a verified certificate says. */
  record: KeyRecord | undefined;
  readonly reply: Reply<KeyRecord>;
  cancelTimer: () => void;
}

/** How long the holders of a new key may take, milliseconds. */
const KEYGEN_TIMEOUT_MS = 30_000;
/** Keys made at once. */
const MAX_MAKINGS = 16;
/** The most keys of a network; its signers take on no more. */
const MAX_KEYS = 2048;
/** After the first abort, how long to wait for the others' so that the culprit is named by more than one. */
const ABORT_GRACE_MS = 3000;

/** Key generation as the coordinator sees it: one order to every holder, the certificate back. It learns no secret. */
export class KeyMaking {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #network: NetworkFile;
  readonly #link: Link;
  readonly #peers: Peers;
  readonly #keyring: Keyring;
  readonly #supply: Supply;
  readonly #makings = new Map<string, Making>();

  constructor(parts: {
    world: World;
    waits: Waits;
    network: NetworkFile;
    link: Link;
    peers: Peers;
    keyring: Keyring;
    supply: Supply;
  }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#network = parts.network;
    this.#link = parts.link;
    this.#peers = parts.peers;
    this.#keyring = parts.keyring;
    this.#supply = parts.supply;
  }

  start(request: CreateKey, reply: Reply<KeyRecord>): void {
    const suite = suiteOf(request);
    if (this.#makings.size >= MAX_MAKINGS) {
      throw new InputError("overloaded", `${MAX_MAKINGS} keys are being made`, { hint: "try again shortly" });
    }
    if (this.#keyring.all().filter((key) => key.derivedFrom === null).length >= MAX_KEYS) {
      throw new InputError("impossible", `there are ${MAX_KEYS} keys, the most that this network holds`);
    }
    const nodes = this.#network.nodes.slice(0, this.#network.defaults.maxSigners);
    const minSigners = request.minSigners ?? this.#network.defaults.minSigners;
    if (minSigners < 2 || minSigners > nodes.length) {
      throw new InputError("invalid_input", `minSigners must be between 2 and ${nodes.length}`, {
        field: "minSigners",
      });
    }
    const missing = nodes.map((node) => node.name).filter((name) => !this.#peers.connected(name));
    if (missing.length > 0) {
      throw new InputError(
        "quorum_unavailable",
        `a new key needs all ${nodes.length} holders; missing: ${missing.join(", ")}`,
        {
          hint: "start the missing signers and try again",
          details: { missing },
        },
      );
    }
    const members = nodes.map((node, at) => ({ identifier: at + 1, node: node.name }));
    const executionId = this.#world.random(16);
    const making: Making = {
      executionId,
      suite,
      request,
      minSigners,
      members,
      done: new Set(),
      aborts: new Map(),
      record: undefined,
      reply,
      cancelTimer: this.#waits.after(KEYGEN_TIMEOUT_MS, () => this.#conclude(making)),
    };
    this.#makings.set(hex(executionId), making);
    this.#world.emit({
      type: "keygen.started",
      execution: hex(executionId),
      suite,
      minSigners,
      maxSigners: members.length,
    });
    for (const member of members)
      this.#link.send(member.node, { kind: "keygen", executionId, suite, minSigners, members, creation: null });
  }

  done(from: NodeId, outcome: OutcomeOf<"keygenDone">): void {
    const making = this.#makings.get(hex(outcome.executionId));
    if (making === undefined || !making.members.some((member) => member.node === from)) return;
    if (making.record?.certificate !== hex(outcome.certificate)) {
      try {
        const record = this.#record(making, outcome.certificate);
        making.record ??= record;
      } catch (error) {
        return this.#link.refuse(from, "bad_certificate", (error as Error).message);
      }
    }
    making.done.add(from);
    if (making.done.size === making.members.length) this.#conclude(making);
  }

  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): boolean {
    const making = this.#makings.get(hex(outcome.executionId));
    if (making === undefined) return false;
    if (!making.members.some((member) => member.node === from)) return true;
    const first = making.aborts.size === 0;
    making.aborts.set(from, outcome);
    if (making.aborts.size + making.done.size === making.members.length) this.#conclude(making);
    else if (first) {
      making.cancelTimer();
      making.cancelTimer = this.#waits.after(ABORT_GRACE_MS, () => this.#conclude(making));
    }
    return true;
  }

  /** A holder does not take part: there will be no key. @returns whether the execution is a key generation */
  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    const making = this.#makings.get(hex(outcome.executionId));
    if (making === undefined) return false;
    if (!making.members.some((member) => member.node === from)) return true;
    making.cancelTimer();
    this.#makings.delete(hex(making.executionId));
    const { code, detail } = outcome;
    const error = new InputError("failed", `the key was not made: ${from} refused (${code}): ${detail}`, {
      hint: "nothing is left of the attempt; ask again",
      details: { abort: code, refusedBy: from },
    });
    making.reply({ error });
    return true;
  }

  #conclude(making: Making): void {
    making.cancelTimer();
    if (!this.#makings.delete(hex(making.executionId))) return;
    if (making.record === undefined) this.#fail(making);
    else this.#activate(making, making.record);
  }

  #fail(making: Making): void {
    const nameOf = (identifier: number) => making.members.find((one) => one.identifier === identifier)?.node ?? "?";
    const aborts = [...making.aborts].map(([node, abort]) => ({
      node,
      code: abort.code,
      culprits: abort.culprits.map(nameOf),
      waitingFor: abort.waitingFor.map(nameOf),
    }));
    const culprits = this.#proven(making).map(nameOf);
    const silent = making.members
      .map((one) => one.node)
      .filter((node) => !making.aborts.has(node) && !making.done.has(node));
    const code = aborts.find((abort) => abort.culprits.length > 0)?.code ?? aborts[0]?.code ?? "timeout";
    this.#world.emit({ type: "keygen.failed", execution: hex(making.executionId), code, culprits, silent, aborts });
    const accusations = aborts
      .filter((abort) => abort.culprits.length > 0)
      .map((abort) => `${abort.node} accuses ${abort.culprits.join(", ")}`);
    const accused = accusations.length > 0 ? `: ${accusations.join("; ")}, without proof` : "";
    const blamed = culprits.length > 0 ? `: ${culprits.join(", ")} broke the protocol` : accused;
    const waited = blamed === "" && silent.length > 0 ? `: no answer from ${silent.join(", ")}` : "";
    const error = new InputError("failed", `the key was not made (${code})${blamed}${waited}`, {
      hint: "nothing is left of the attempt; ask again",
      details: { abort: code, culprits, silent, aborts },
    });
    making.reply({ error });
  }

  /** Those against whom somebody brought evidence that holds: nobody is named on a word. */
  #proven(making: Making): readonly number[] {
    const { suite, executionId, minSigners, members } = making;
    const participants = members.map(({ identifier, node }) => {
      return { identifier, publicKey: this.#link.identityOf(node)! };
    });
    const config = { suite, group: this.#keyring.group(suite), executionId, minSigners, participants };
    const proven = [...making.aborts.values()].filter((abort) => judgeEncoded(abort.evidence, abort.culprits, config));
    return [...new Set(proven.flatMap((abort) => abort.culprits))].toSorted((a, b) => a - b);
  }

  #activate(making: Making, record: KeyRecord): void {
    const write = { kind: "key", id: record.id, epoch: record.epoch, value: encodeRecord(record) };
    this.#waits.write([write], (result) => {
      if (result !== "ok") {
        making.reply({
          error: new InputError("failed", `the key could not be stored (${result})`, { hint: "see the disk" }),
        });
        return;
      }
      this.#keyring.add(record);
      for (const member of making.members) {
        if (making.done.has(member.node))
          this.#peers.holdActive(member.node, this.#keyring.keyId(record), record.epoch);
        else this.#link.send(member.node, { kind: "certify", certificate: unhex(record.certificate) });
      }
      if (!isEcdsa(record.suite)) this.#supply.fill(record);
      this.#world.emit({ type: "key.created", key: record.id, scheme: record.scheme, publicKey: record.publicKey });
      making.reply({ ok: record });
    });
  }

  /** @throws Error unless the certificate is that of the key that is being made */
  #record(making: Making, bytes: Uint8Array): KeyRecord {
    const verified = this.#keyring.verified(bytes);
    if (this.#keyring.byKeyId(hex(verified.keyId)) !== undefined) throw new Error("it is that of an earlier key");
    const expected = making.members.every((member) => {
      const holder = verified.participants.find((one) => one.identifier === member.identifier);
      const identity = this.#link.identityOf(member.node);
      return holder !== undefined && identity !== undefined && hex(holder.publicKey) === hex(identity);
    });
    if (!expected || verified.participants.length !== making.members.length) throw new Error("it names other holders");
    if (verified.suite !== making.suite || verified.minSigners !== making.minSigners)
      throw new Error("it is for another key");
    return {
      id: publicId("key", verified.keyId),
      keyId: hex(verified.keyId),
      epoch: verified.epoch,
      suite: making.suite,
      scheme: making.request.scheme,
      curve: making.request.curve,
      publicKey: hex(verified.publicKey),
      minSigners: verified.minSigners,
      members: making.members,
      name: making.request.name ?? null,
      certificate: hex(bytes),
      derivedFrom: null,
      dateCreated: this.#world.wallNow(),
    };
  }
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
