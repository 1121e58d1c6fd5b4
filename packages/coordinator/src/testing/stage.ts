import { encodeLogRecord, type LogRecord, recordHash } from "@quorate/authority";
import { identityFromSeed, sha256 } from "@quorate/curves";
import {
  type Event,
  hex,
  type NetworkFile,
  type NodeId,
  networkHash,
  type Order,
  type OrderOf,
  type Outcome,
  open,
  order,
  outcome,
  type RecordKey,
  type RecordListed,
  type RecordQuery,
  type RecordRead,
  type RecordWrite,
  seal,
  type Token,
  type World,
  type WriteResult,
} from "@quorate/orders";
import { Coordinator } from "../coordinator.ts";
import { encodeRecord, type KeyRecord } from "../records.ts";

/** An order, and whom it went to. */
export interface Given {
  readonly to: NodeId;
  readonly order: Order;
}

/**
 * A real coordinator in virtual time, whose signers are played by the test: what they are told is in `given`, what they say goes
 * through `say`. Nothing is computed, so that its policies can be tried by the thousand.
 */
export class Stage {
  readonly names: readonly NodeId[];
  readonly network: NetworkFile;
  coordinator: Coordinator;
  readonly given: Given[] = [];
  readonly events: Event[] = [];
  /** Called with each order that reaches a signer, a moment after it was given. */
  play: (given: Given) => void = () => {};
  /** Called before each write of the coordinator: what it returns instead of nothing is the result, and nothing is written. */
  onWrite: (batch: readonly RecordWrite[]) => WriteResult | undefined = () => undefined;
  /** Called after each. */
  afterWrite: () => void = () => {};
  readonly #records = new Map<string, RecordWrite>();
  readonly #queue: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly #roundTrips: readonly number[];
  readonly #genesis: readonly LogRecord[];
  #now = 0;
  #drawn = 0;
  /** How often the coordinator started: what an earlier one waited for reaches nobody. */
  #life = 0;
  #running = true;

  /**
   * @param roundTrips one for each signer, milliseconds
   * @param genesis the first records of the organisations that the network file names
   * @param given those that the coordinator is given
   * @param others further coordinators of the network file
   */
  constructor(
    keys: readonly KeyRecord[],
    roundTrips: readonly number[] = [10, 20, 30, 40, 50],
    genesis: readonly LogRecord[] = [],
    given: readonly LogRecord[] = genesis,
    others: readonly NodeId[] = [],
  ) {
    this.#genesis = given;
    this.#roundTrips = roundTrips;
    this.names = roundTrips.map((_, at) => `signer-${at + 1}`);
    const node = (name: string, at: number) => ({
      ...{ name, region: "virginia", operator: "operator-1", publicKey: hex(identityOf(name).publicKey) },
      addresses: [`/ip4/127.0.0.1/tcp/${4000 + at}`],
    });
    this.network = {
      ...{ format: 1, networkId: "stage", coordinator: node("coordinator", 0) },
      nodes: this.names.map((name, at) => node(name, at + 1)),
      operators: [{ name: "operator-1", publicKey: "00".repeat(32) }],
      ...(others.length === 0 ? {} : { coordinators: others.map((name, at) => node(name, 50 + at)) }),
      organisations: genesis.map((record) => ({ genesis: recordHash(encodeLogRecord(record)) })),
      defaults: { minSigners: 2, maxSigners: this.names.length },
    };
    for (const key of keys) this.put(key);
    this.coordinator = this.#started();
    this.pass(0);
  }

  /** The coordinator's process ends at once, whatever it does; its disk stays. */
  kill(): void {
    this.#running = false;
    this.#life += 1;
  }

  /** Another one starts from the disk. */
  restart(): void {
    this.kill();
    this.#running = true;
    this.coordinator = this.#started();
    this.pass(0);
  }

  /** Puts a key on the disk, from where the next start reads it. */
  put(key: KeyRecord): void {
    this.#write({ kind: "key", id: key.id, epoch: key.epoch, value: encodeRecord(key) });
  }

  /** Another coordinator writes something. */
  elsewhere(record: RecordWrite): void {
    this.#write(record);
  }

  /** What is on the disk; `undefined` for nothing. */
  stored(kind: string, id: string, epoch = 0): Uint8Array | undefined {
    return this.#records.get(place({ kind, id, epoch }))?.value ?? undefined;
  }

  #started(): Coordinator {
    const { network } = this;
    const identity = identityOf("coordinator");
    const organisations = this.#genesis;
    const coordinator = new Coordinator({ network, identity, world: this.#world(), backend: "fast", organisations });
    coordinator.start();
    return coordinator;
  }

  /** Connects all signers: they hold the keys, and their pairs are ready. */
  connectAll(): void {
    for (const name of this.names) this.connect(name);
  }

  connect(name: NodeId, instance = "1"): void {
    this.coordinator.peer(name, { connected: true, instance, rttMs: this.#roundTrips[this.names.indexOf(name)]! });
    const roots = this.coordinator.keys().filter((key) => key.derivedFrom === null);
    const keys = roots.map((key) => ({
      ...{ keyId: Buffer.from(key.keyId, "hex"), epoch: key.epoch },
      ...{ state: "active" as const, fault: "" },
    }));
    this.say(name, { kind: "holdings", keys });
    this.pairs(name, {});
  }

  disconnect(name: NodeId): void {
    this.coordinator.peer(name, { connected: false });
  }

  /** A signer says how it stands with the others: ready, except with those named. */
  pairs(name: NodeId, except: Readonly<Record<NodeId, "making" | "waiting" | "banned" | "failed">>): void {
    const others = this.names.filter((other) => other !== name);
    this.say(name, { kind: "pairs", pairs: others.map((node) => ({ node, state: except[node] ?? "ready" })) });
  }

  say(from: NodeId, what: Outcome): void {
    if (!this.#running) return;
    const address = { networkHash: networkHash(this.network), purpose: "outcome", from, to: "coordinator" } as const;
    this.coordinator.receive(from, seal(outcome, what, identityOf(from), address));
  }

  /** Milliseconds since 1970. */
  get wallNow(): number {
    return 1_790_000_000_000 + this.#now;
  }

  /** Lets time pass. */
  pass(ms: number): void {
    const endMs = this.#now + ms;
    for (;;) {
      const due = this.#queue.filter((one) => one.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#queue.splice(this.#queue.indexOf(due), 1);
      this.#now = Math.max(this.#now, due.atMs);
      due.run();
    }
    this.#now = endMs;
  }

  /** The orders of one kind that were given since the last call of this, by signer; all kinds are forgotten by it. */
  take<K extends Order["kind"]>(kind: K): readonly { readonly to: NodeId; readonly order: OrderOf<K> }[] {
    const given = this.given.splice(0).flatMap(({ to, order }) => (isOf(order, kind) ? [{ to, order }] : []));
    return given.sort((a, b) => a.to.localeCompare(b.to));
  }

  #world(): World {
    const later = (atMs: number, run: () => void) => this.#queue.push({ atMs, run });
    const life = this.#life;
    const awake = (token: Token, result: unknown) => {
      if (life === this.#life) this.coordinator.wake(token, result);
    };
    const wake = (token: Token, result: unknown) => later(this.#now, () => awake(token, result));
    return {
      now: () => this.#now,
      wallNow: () => this.wallNow,
      after: (delayMs, token) => later(this.#now + delayMs, () => awake(token, undefined)),
      random: (length) => new Uint8Array(Buffer.alloc(length, sha256(Uint8Array.of(++this.#drawn, this.#drawn >> 8)))),
      send: (to, bytes) => {
        if (life === this.#life) this.#given(to, bytes);
      },
      read: (keys, token) =>
        wake(
          token,
          keys.map((key) => this.#read(key)),
        ),
      list: (query, token) => wake(token, this.#list(query)),
      write: (batch, token) => {
        if (life !== this.#life) return;
        const refused = this.onWrite(batch);
        if (life !== this.#life) return; // it was killed here
        const result = refused ?? this.#written(batch);
        this.afterWrite();
        wake(token, result);
      },
      compute: () => {
        throw new Error("a coordinator has no workshop");
      },
      emit: (event) => this.events.push(event),
    };
  }

  #given(to: NodeId, bytes: Uint8Array): void {
    const address = { networkHash: networkHash(this.network), purpose: "order", from: "coordinator", to } as const;
    const said = open(order, bytes, identityOf("coordinator").publicKey, address);
    if (said === undefined) throw new Error("an order that is not the coordinator's");
    this.given.push({ to, order: said });
    this.#queue.push({ atMs: this.#now + 1, run: () => this.play({ to, order: said }) });
  }

  #write(one: RecordWrite): void {
    if (one.value === null) this.#records.delete(place(one));
    else this.#records.set(place(one), one);
  }

  #read(key: RecordKey): RecordRead {
    const value = this.#records.get(place(key))?.value;
    return value === undefined || value === null ? { state: "absent" } : { state: "present", value };
  }

  #written(batch: readonly RecordWrite[]): WriteResult {
    if (batch.some((one) => one.ifAbsent === true && this.#read(one).state !== "absent")) return "conflict";
    for (const one of batch) this.#write(one);
    return "ok";
  }

  #list({ kind, scope, after = -1, limit, newestFirst = false }: RecordQuery): readonly RecordListed[] {
    const listed = [...this.#records.values()].map((one, cursor) => ({ ...one, cursor }));
    const wanted = listed.filter((one) => one.kind === kind && (scope === undefined || one.scope === scope));
    const ordered = newestFirst ? wanted.toReversed() : wanted.filter((one) => one.cursor > after);
    return ordered.slice(0, limit).map(({ id, epoch, cursor }) => {
      return { kind, id, epoch, cursor, record: this.#read({ kind, id, epoch }) };
    });
  }
}

/** An ECDSA key of five signers of whom three sign, on `Stage`. Its certificate is worthless: no signature of it is aggregated. */
export function ecdsaRecord(more: Partial<KeyRecord> = {}): KeyRecord {
  return {
    ...{ id: "key-1", keyId: "aa".repeat(32), epoch: 0, suite: "ecdsa-secp256k1", scheme: "ECDSA", curve: "secp256k1" },
    publicKey: "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    minSigners: 3,
    members: [1, 2, 3, 4, 5].map((identifier) => ({ identifier, node: `signer-${identifier}` })),
    ...{ name: null, certificate: "00", derivedFrom: null, imported: false, dateExported: null, dateCreated: 0 },
    ...more,
  };
}

/** Whoever has this name on every stage. */
export function identityOf(name: string) {
  return identityFromSeed(sha256(Buffer.from(name)));
}

function place({ kind, id, epoch }: RecordKey): string {
  return `${kind} ${id} ${epoch}`;
}

function isOf<K extends Order["kind"]>(order: Order, kind: K): order is OrderOf<K> {
  return order.kind === kind;
}
