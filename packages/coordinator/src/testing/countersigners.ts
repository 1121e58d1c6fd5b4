import {
  countersignStatement,
  decodeLogRecord,
  encodeLogRecord,
  found,
  judge,
  type LoggedAction,
  type LogRecord,
  type Organisation,
  recordHash,
} from "@quorate/authority";
import { type Asked, challengeFor, genesisRecord, TestUser } from "@quorate/authority/testing";
import { type NodeId, networkHash, type Order, type OrderOf, unhex } from "@quorate/orders";
import { ecdsaRecord, identityOf, Stage } from "./stage.ts";

/** A signer as far as logs go: it judges what is proposed, takes one record a height, and follows what is committed. */
export class Countersigner {
  readonly #stage: Stage;
  readonly #node: NodeId;
  /** Nothing before the first record came. */
  state: Organisation | undefined;
  /** Hash of what was taken, by height. */
  readonly taken = new Map<number, string>();
  /** Why it takes nothing, if it does not. */
  objection: string | undefined;
  /** Whether it says nothing at all. */
  silent = false;

  constructor(stage: Stage, node: NodeId) {
    this.#stage = stage;
    this.#node = node;
  }

  get height(): number {
    return this.state?.head.height ?? -1;
  }

  hear(order: Order): void {
    if (this.silent) return;
    if (order.kind === "propose") this.#propose(order);
    if (order.kind === "commit") this.#follow(order);
  }

  sayHeads(): void {
    const state = this.state;
    const heads =
      state === undefined ? [] : [{ organisation: state.id, height: state.head.height, hash: unhex(state.head.hash) }];
    this.#stage.say(this.#node, { kind: "heads", heads });
  }

  /** Says that it does not take a record. */
  refuse(record: LogRecord, code: string, detail = ""): void {
    const { organisation, height } = record;
    const hash = unhex(recordHash(encodeLogRecord(record)));
    this.#stage.say(this.#node, { kind: "recordRefused", organisation, height, hash, code, detail });
  }

  /** Says that it takes a record, with a signature of somebody else's. */
  forge(bytes: Uint8Array, by: NodeId): void {
    const { organisation, height } = decodeLogRecord(bytes);
    this.#sign({ organisation, height, hash: recordHash(bytes) }, by);
  }

  #sign({ organisation, height, hash }: { organisation: string; height: number; hash: string }, by: NodeId): void {
    const told = countersignStatement(networkHash(this.#stage.network), organisation, { height, hash });
    const signature = identityOf(by).sign(told);
    this.#stage.say(this.#node, { kind: "countersigned", organisation, height, hash: unhex(hash), signature });
  }

  #propose({ organisation, record: bytes }: OrderOf<"propose">): void {
    const record = decodeLogRecord(bytes);
    const { height } = record;
    if (this.state === undefined || this.state.head.height + 1 < height) return this.refuse(record, "behind");
    if (height <= this.height) return this.refuse(record, "stale_head");
    if (this.objection !== undefined) return this.refuse(record, this.objection, "so says the test");
    const hash = hashOf(record, this.state);
    if ((this.taken.get(height) ?? hash) !== hash)
      return this.refuse(record, "conflict", "took another at this height");
    this.taken.set(height, hash);
    this.#sign({ organisation, height, hash }, this.#node);
  }

  #follow({ records }: OrderOf<"commit">): void {
    for (const { record: bytes } of records) {
      const record = decodeLogRecord(bytes);
      if (record.height === 0) this.state ??= found(record);
      else if (record.height === this.height + 1) judge(this.state!, record, { network: "stage", now: null }).apply();
    }
    this.sayHeads();
  }
}

function hashOf(record: LogRecord, state: Organisation): string {
  return judge(state, record, { network: "stage", now: null }).hash;
}

/** A stage with an organisation, and signers that follow its log. */
export class LogStage extends Stage {
  readonly admin: TestUser;
  readonly signers = new Map<NodeId, Countersigner>();
  readonly id: string;

  /** @param others further coordinators on the same database */
  constructor(others: readonly NodeId[] = []) {
    const admin = new TestUser();
    const genesis = genesisRecord(admin, 1_789_999_990_000);
    super([], [10, 10, 10, 10, 10], [genesis], [genesis], others);
    this.admin = admin;
    this.id = this.coordinator.organisations()[0]!.id;
    for (const name of this.names) this.signers.set(name, new Countersigner(this, name));
    this.play = ({ to, order }) => this.signers.get(to)!.hear(order);
  }

  override connect(name: NodeId, instance = "1"): void {
    super.connect(name, instance);
    this.signers.get(name)!.sayHeads();
    this.pass(10);
  }

  get state(): Organisation {
    return this.coordinator.organisation(this.id);
  }

  /** What the admin, or another, asks for, signed. */
  action(asked: Asked, by: Pick<TestUser, "assert"> = this.admin): LoggedAction {
    const { method, path, body = {} } = asked;
    const proof = by.assert(challengeFor(this.state, "stage", asked, this.wallNow));
    return { method, path, body, proof, endorsement: null };
  }

  /** What the admin, or another, signs for a signature with a key. */
  inline(key: string, body: Readonly<Record<string, unknown>>, by: Pick<TestUser, "assert"> = this.admin) {
    const asked = { method: "POST", path: `/keys/${key}/signatures`, body } as const;
    const { method, path } = asked;
    const assertion = by.assert(challengeFor(this.state, "stage", asked, this.wallNow));
    return { kind: "inline", organisation: this.id, method, path, assertion } as const;
  }

  /** Has an action done, and lets time pass. @returns what came of it so far */
  act(asked: Asked, passMs = 100) {
    let result: Parameters<Parameters<Stage["coordinator"]["act"]>[2]>[0] | undefined;
    this.coordinator.act(this.id, this.action(asked), (end) => {
      result = end;
    });
    this.pass(passMs);
    return () => result;
  }

  /** Which records the signers that follow the log have at a height. */
  hashesAt(height: number): ReadonlySet<string> {
    return new Set([...this.signers.values()].flatMap(({ taken }) => taken.get(height) ?? []));
  }
}

/** An action that makes a key entity. */
export function newKey(name: string): Asked {
  return { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519", name } };
}

/** A stage whose first signers follow the log. */
export function followed(count = 5, others: readonly NodeId[] = []): LogStage {
  const stage = new LogStage(others);
  for (const name of stage.names.slice(0, count)) stage.connect(name);
  return stage;
}

/** A stage with an ECDSA key of the log, 3 of 5, that the coordinator believes to have been made. */
export function loggedKey(others: readonly NodeId[] = []) {
  const stage = followed(5, others);
  const acted = stage.act({ method: "POST", path: "/keys", body: { scheme: "ECDSA", curve: "secp256k1" } })();
  if (acted === undefined || "error" in acted) throw new Error("no key in the log");
  const [id] = [...stage.state.keys.keys()];
  stage.put(ecdsaRecord({ id: id! }));
  stage.restart();
  for (const name of stage.names) stage.connect(name, "2");
  return { stage, key: id! };
}
