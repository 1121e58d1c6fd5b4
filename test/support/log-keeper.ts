import {
  commitQuorum,
  encodeLogRecord,
  found,
  type Head,
  idOf,
  judge,
  type LogRecord,
  type Organisation,
  proposalStatement,
  recordHash,
} from "@quorate/authority";
import { type Asked, challengeFor, type TestUser } from "@quorate/authority/testing";
import { type CommittedRecord, networkHash, type OrderOf, type OutcomeOf, unhex } from "@quorate/orders";
import { forgeOrder, outcomesOf } from "./forged-order.ts";
import { START_MS, type VirtualNetwork } from "./virtual-network.ts";

type Signer = Pick<TestUser, "assert">;

/**
 * Keeps the log of a virtual network's organisation with the coordinator's key, one step at a time: what an honest coordinator does, and
 * whatever a malicious one would rather do.
 */
export class LogKeeper {
  readonly network: VirtualNetwork;
  /** As the committed records say. */
  readonly state: Organisation;
  readonly records: CommittedRecord[] = [];

  constructor(network: VirtualNetwork) {
    this.network = network;
    this.state = found(network.genesis);
    this.records.push({ record: encodeLogRecord(network.genesis), signatures: [] });
    this.commit(this.everybody);
  }

  get everybody(): readonly string[] {
    return this.network.file.nodes.map((node) => node.name);
  }

  get now(): number {
    return START_MS + this.network.now;
  }

  get head(): { readonly height: number; readonly hash: Uint8Array } {
    return { height: this.state.head.height, hash: unhex(this.state.head.hash) };
  }

  /** The record that would come next, signed by `by`. */
  next(asked: Asked, by: Signer | null = this.network.admin, changes: Partial<LogRecord> = {}): LogRecord {
    const { id, head } = this.state;
    const { method, path, body = {}, ...filled } = asked;
    const proof =
      by === null ? null : by.assert(challengeFor(this.state, this.network.file.networkId, asked, this.now));
    const action = { method, path, body, proof, endorsement: null, ...filled };
    return {
      format: 1,
      organisation: id,
      height: head.height + 1,
      previous: head.hash,
      time: this.now,
      action,
      ...changes,
    };
  }

  /** Proposes a record to some signers. @returns what each said, in order */
  propose(record: LogRecord, to = this.everybody, changes: Partial<OrderOf<"propose">> = {}) {
    const encoded = encodeLogRecord(record);
    const head: Head = { height: record.height, hash: recordHash(encoded) };
    const organisation = this.state.id;
    const statement = proposalStatement(networkHash(this.network.file), organisation, head);
    const signature = this.network.identityOf("coordinator").sign(statement);
    return to.map((name) => {
      const before = outcomesOf(this.network, name).length;
      forgeOrder(this.network, name, { kind: "propose", organisation, record: encoded, signature, ...changes }, 5);
      const said = outcomesOf(this.network, name).slice(before);
      return said.find((one): one is OutcomeOf<"countersigned"> | OutcomeOf<"recordRefused"> => {
        return one.kind === "countersigned" || one.kind === "recordRefused";
      });
    });
  }

  /** Hands committed records to some signers; all that there are unless told. */
  commit(to = this.everybody, records: readonly CommittedRecord[] = this.records): void {
    const organisation = this.state.id;
    for (const name of to) forgeOrder(this.network, name, { kind: "commit", organisation, records }, 0);
    this.network.pass(5);
  }

  /** Proposes to `proposed`, commits to `committed`. @returns the record's hash */
  act(asked: Asked, by: Signer = this.network.admin, proposed = this.everybody, committed = this.everybody): string {
    return this.ratify(this.next(asked, by), proposed, committed);
  }

  /** The same with a record that is there already. */
  ratify(record: LogRecord, proposed = this.everybody, committed = this.everybody): string {
    const said = this.propose(record, proposed);
    const signatures = said.flatMap((one, at) => {
      return one?.kind === "countersigned" ? [{ node: proposed[at]!, signature: one.signature }] : [];
    });
    if (signatures.length < commitQuorum(this.network.file)) throw new Error(`refused: ${JSON.stringify(said)}`);
    const { hash, apply } = judge(this.state, record, { network: this.network.file.networkId, now: this.now });
    apply();
    this.records.push({ record: encodeLogRecord(record), signatures });
    this.commit(committed, this.records.slice(-1));
    return hash;
  }

  /** A key of the log, not made yet. @returns its id and the record's hash */
  createKey(scheme: "EdDSA" | "ECDSA" = "EdDSA"): { readonly id: string; readonly record: string } {
    const curve = scheme === "EdDSA" ? "ed25519" : "secp256k1";
    const record = this.act({ method: "POST", path: "/keys", body: { scheme, curve } });
    return { id: idOf("key", record), record };
  }
}
