import { createHash, hash } from "node:crypto";
import { idOf, type LogRecord, type Organisation } from "@quorate/authority";
import { type Asked, challengeFor, genesisHash, genesisRecord, TestUser } from "@quorate/authority/testing";
import {
  type CauseCall,
  Coordinator,
  type CoordinatorBehaviour,
  type Curve,
  type KeyRecord,
  type RequestAuthority,
  type RequestRecord,
  type Result,
  type Scheme,
  type SignRequest,
} from "@quorate/coordinator";
import { type Backend, identityFromSeed } from "@quorate/curves";
import { loadUnsafeModel, modelIdentityFromSeed } from "@quorate/curves/model";
import {
  type Event,
  hex,
  type NetworkFile,
  type NodeId,
  type Reactor,
  type RecordKey,
  type RecordListed,
  type RecordQuery,
  type RecordRead,
  type RecordWrite,
  type Token,
  type World,
} from "@quorate/orders";
import { type Behaviour, Signer } from "@quorate/signer";
import { Workshop, type WorkshopJob } from "@quorate/signer/workshop";

/** When virtual time begins, milliseconds since 1970. */
export const START_MS = 1_790_000_000_000;

/** The same in all networks of a test file, so that one of them can take over what another has set up. */
const ADMIN = new TestUser();

function modelAdmin(): TestUser {
  loadUnsafeModel();
  return new TestUser(undefined, modelIdentityFromSeed(new Uint8Array(32)));
}

/** One queued happening of the virtual network. */
interface Happening {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** A message on its way, which a test may look at, change or lose. */
export interface Passing {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/**
 * Real signers and a real coordinator in one process, in virtual time: no sockets, no disk, no waiting. Time passes only
 * when nothing else is to do, so that time-outs of half a minute take no time at all.
 */
export class VirtualNetwork {
  readonly file: NetworkFile;
  /** The first user of the organisation, with every permission. */
  readonly admin: TestUser;
  /** The first record of its log. */
  readonly genesis: LogRecord;
  coordinator: Coordinator;
  /** All of them, the first too; those after it have its disk and its organisations. */
  readonly coordinators = new Map<NodeId, Coordinator>();
  readonly signers = new Map<NodeId, Signer>();
  readonly events: Event[] = [];
  /** All that was sent, in order. */
  readonly traffic: Passing[] = [];
  /** By node, then by record. */
  readonly disks = new Map<NodeId, Map<string, RecordWrite & { cursor: number }>>();
  /** All randomness that each node drew. */
  readonly drawn = new Map<NodeId, Uint8Array[]>();
  /** Nodes whose disks take no more. */
  readonly fullDisks = new Set<NodeId>();
  /** Coordinators that do not hear what others write. */
  readonly deaf = new Set<NodeId>();
  /** Records that read as damaged, by kind, id and epoch, on whatever disk. */
  readonly damaged = new Set<string>();
  /** Called before each write; a node that is killed here has written nothing of it. */
  onWrite: (node: NodeId, batch: readonly RecordWrite[]) => void = () => {};
  /** Looks at each message: what it returns is delivered; `undefined` loses it. */
  intercept: (message: Passing) => Uint8Array | undefined = (message) => message.bytes;
  /** How long a message is under way, milliseconds. One never overtakes another between the same two. */
  latency: (message: Passing) => number = () => 1;
  /** When the last message from one node to another arrives. */
  readonly #latest = new Map<string, number>();
  readonly #down = new Set<NodeId>();
  /** What nodes that sleep will hear when they wake. */
  readonly #asleep = new Map<NodeId, (() => void)[]>();
  readonly #reactors = new Map<NodeId, Reactor>();
  readonly #queue: Happening[] = [];
  readonly #behaviours: Readonly<Record<NodeId, Behaviour>>;
  readonly #coordinatorBehaviour: CoordinatorBehaviour;
  readonly #pairs: "none" | "made" | "stored";
  readonly #backend: Backend;
  #now = 0;
  #sequence = 0;
  #seed: number;
  #generation = new Map<NodeId, number>();

  constructor(
    options: {
      signers?: number;
      minSigners?: number;
      /** How many hold a new key; all unless told. */
      maxSigners?: number;
      seed?: number;
      behaviours?: Record<NodeId, Behaviour>;
      /** Edits of the coordinators' orders. */
      coordinatorBehaviour?: CoordinatorBehaviour;
      /** The setups that ECDSA needs: none, really made now, or those of an earlier network of this test file. */
      pairs?: "none" | "made" | "stored";
      /** How many coordinators there are, on one disk. */
      coordinators?: number;
      /** Who computes, `fast` unless said; with `model` the identities and the admin's key are of the model too. */
      backend?: Backend;
    } = {},
  ) {
    const { signers = 5, minSigners = 3, seed = 1, behaviours = {}, pairs = "none" } = options;
    this.#backend = options.backend ?? "fast";
    this.admin = this.#backend === "model" ? modelAdmin() : ADMIN;
    this.genesis = genesisRecord(this.admin, START_MS);
    const further = Array.from({ length: (options.coordinators ?? 1) - 1 }, (_, at) => `coordinator-${at + 2}`);
    this.#pairs = pairs;
    this.#seed = seed;
    this.#behaviours = behaviours;
    this.#coordinatorBehaviour = options.coordinatorBehaviour ?? {};
    const names = Array.from({ length: signers }, (_, at) => `signer-${at + 1}`);
    const node = (name: string, at: number) => ({
      name,
      region: "virginia",
      operator: "operator-1",
      publicKey: hex(this.identityOf(name).publicKey),
      addresses: [`/ip4/127.0.0.1/tcp/${4000 + at}`],
    });
    this.file = {
      format: 1,
      networkId: "virtual",
      coordinator: node("coordinator", 0),
      ...(further.length === 0 ? {} : { coordinators: further.map((name, at) => node(name, at + 100)) }),
      nodes: names.map((name, at) => node(name, at + 1)),
      operators: [{ name: "operator-1", publicKey: hex(this.identityOf("operator-1").publicKey) }],
      organisations: [{ genesis: genesisHash(this.genesis) }],
      defaults: { minSigners, maxSigners: options.maxSigners ?? signers },
    };
    for (const name of ["coordinator", ...names]) this.disks.set(name, new Map());
    if (pairs === "stored") this.#storePairs(signers);
    for (const name of names) this.startSigner(name);
    this.coordinator = this.#startCoordinator("coordinator");
    for (const name of further) this.#startCoordinator(name);
    for (const name of names) this.#introduce(name);
    this.until(() => [...this.signers.values()].every((signer) => signer.ready));
    this.settle();
    if (pairs !== "none") this.until(() => [...this.signers.values()].every(allReady));
  }

  /** Puts the setups that an earlier network of as many signers made on the disks of this one. */
  #storePairs(signers: number): void {
    const known = madePairs.get(signers) ?? new VirtualNetwork({ signers, minSigners: 2, pairs: "made" }).disks;
    madePairs.set(signers, known);
    for (const [name, disk] of known) {
      for (const [at, record] of disk) {
        if (record.kind === "pair") this.disks.get(name)!.set(at, { ...record, value: record.value!.slice() });
      }
    }
  }

  identityOf(name: string) {
    const seed = createHash("sha256").update(`identity of ${name}`).digest();
    return this.#backend === "model" ? modelIdentityFromSeed(seed) : identityFromSeed(seed);
  }

  /** Runs everything that is due now, and what follows at once from it; time stands still. */
  settle(): void {
    this.until(() => this.#queue.length === 0 || this.#queue[0]!.at > this.#now);
  }

  /** Lets time pass until `done`, at most ten minutes of it. */
  until(done: () => boolean): void {
    const end = this.#now + 600_000;
    while (!done()) {
      const next = this.#queue.shift();
      if (next === undefined || next.at > end) return;
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }

  /** Lets `ms` pass. */
  pass(ms: number): void {
    const end = this.#now + ms;
    this.#schedule(ms, () => {});
    this.until(() => this.#now >= end && (this.#queue.length === 0 || this.#queue[0]!.at > end));
  }

  get now(): number {
    return this.#now;
  }

  /** Has the admin ask for a key, and the signers make it. @throws whatever the log refuses it with */
  createKey(scheme: Scheme, curve: Curve, more: Readonly<Record<string, unknown>> = {}): Result<KeyRecord> {
    const id = this.namedKey({ scheme, curve, ...more });
    return this.finished((reply) => this.coordinator.makeKey(this.organisation.id, id, {}, reply));
  }

  /** Has the admin ask for a key, which nobody makes yet. @returns its id */
  namedKey(body: Readonly<Record<string, unknown>>): string {
    return idOf("key", this.act({ method: "POST", path: "/keys", body }));
  }

  /** A key that was asked for and made. @throws whatever it is refused with */
  madeKey(scheme: Scheme = "EdDSA"): KeyRecord {
    const result = this.createKey(scheme, scheme === "EdDSA" ? "ed25519" : "secp256k1");
    this.settle();
    this.pass(10);
    if ("error" in result) throw result.error;
    return result.ok;
  }

  /** Has the admin ask for new shares of a key, which nobody makes yet. */
  renewal({ id: keyId }: Pick<KeyRecord, "id">): CauseCall {
    const record = this.act({ method: "POST", path: `/keys/${keyId}/refresh` });
    return { organisation: this.organisation.id, keyId, record };
  }

  /** Has the admin ask for new shares of a key, and the signers make them. */
  refreshKey(key: Pick<KeyRecord, "id">): Result<KeyRecord> {
    const call = this.renewal(key);
    return this.finished((reply) => this.coordinator.refreshCaused(call, reply));
  }

  /** Has the admin ask for a signature. */
  sign(key: Pick<KeyRecord, "id">, body: Readonly<Record<string, unknown>>): Result<RequestRecord> {
    return this.finished((reply) => this.coordinator.sign(this.request(key, body), reply));
  }

  /** A request for a signature as the admin makes it: to hand to a coordinator. */
  request(key: Pick<KeyRecord, "id">, body: Readonly<Record<string, unknown>>): SignRequest {
    return { keyId: key.id, body, authority: this.authority(key, body) };
  }

  /** The organisation as the coordinator knows it. */
  get organisation(): Organisation {
    return this.coordinator.organisations()[0]!;
  }

  /** A user's signature over a request for a signature, of the admin unless told. */
  authority(
    { id }: Pick<KeyRecord, "id">,
    body: Readonly<Record<string, unknown>>,
    by: Pick<TestUser, "assert"> = this.admin,
  ): RequestAuthority {
    const asked = { method: "POST", path: `/keys/${id}/signatures`, body } as const;
    const { method, path } = asked;
    return { kind: "inline", organisation: this.organisation.id, method, path, assertion: this.#signed(asked, by) };
  }

  #signed(asked: Asked, by: Pick<TestUser, "assert">) {
    return by.assert(challengeFor(this.organisation, this.file.networkId, asked, START_MS + this.#now));
  }

  /** Has the admin's action committed to the log, and lets all hear of it. @throws whatever it is refused with */
  act(asked: Asked): string {
    const { method, path, body = {} } = asked;
    const action = { method, path, body, proof: this.#signed(asked, this.admin), endorsement: null };
    const { id } = this.organisation;
    const result = this.finished<{ hash: string }>((reply) => this.coordinator.act(id, action, reply));
    if ("error" in result) throw result.error;
    this.pass(5);
    return result.ok.hash;
  }

  finished<T>(start: (reply: (result: Result<T>) => void) => void): Result<T> {
    let result: Result<T> | undefined;
    start((end) => {
      result = end;
    });
    this.until(() => result !== undefined);
    if (result === undefined) throw new Error("the command never ended");
    return result;
  }

  /** The process ends at once; its disk stays. */
  kill(name: NodeId): void {
    this.#down.add(name);
    this.#reactors.delete(name);
    this.signers.delete(name);
    for (const coordinator of this.coordinators.values()) coordinator.peer(name, { connected: false });
    for (const signer of this.signers.values()) signer.peer(name, { connected: false });
    this.settle();
  }

  /** It hears and says nothing, and nobody is told. */
  freeze(name: NodeId): void {
    this.#down.add(name);
  }

  thaw(name: NodeId): void {
    this.#down.delete(name);
  }

  /** The process stands still; what it was to hear it hears when it wakes. */
  sleep(name: NodeId): void {
    this.#asleep.set(name, []);
  }

  wakeUp(name: NodeId): void {
    const missed = this.#asleep.get(name) ?? [];
    this.#asleep.delete(name);
    for (const hear of missed) hear();
  }

  #hear(name: NodeId, hear: () => void): void {
    const missed = this.#asleep.get(name);
    if (missed === undefined) hear();
    else missed.push(hear);
  }

  /** Starts a signer that was killed, from its disk, and waits until it serves: for a few seconds, for it may have to wait for others. */
  restart(name: NodeId): void {
    this.#down.delete(name);
    this.startSigner(name);
    this.#introduce(name);
    const end = this.#now + 5000;
    this.until(() => this.signers.get(name)?.ready === true || this.#now > end);
    this.pass(10);
  }

  /** What a signer has on its disk now, for `restore`. */
  snapshot(name: NodeId): Disk {
    return new Map([...this.disks.get(name)!].map(([at, one]) => [at, { ...one, value: one.value?.slice() ?? null }]));
  }

  /** Kills a signer and starts it again from what it had on its disk once. */
  restore(name: NodeId, disk: Disk): void {
    this.kill(name);
    this.disks.set(name, new Map(disk));
    this.restart(name);
  }

  /** Starts a second process under a signer's name, from a copy of its disk: it hears what that one hears. Its events are of `NAME~`. */
  clone(name: NodeId, disk: Disk = this.snapshot(name)): Signer {
    const twin = `${name}~`;
    this.disks.set(twin, new Map(disk));
    this.startSigner(twin);
    const signer = this.signers.get(twin)!;
    this.signers.delete(twin);
    for (const other of this.file.nodes)
      if (other.name !== name) signer.peer(other.name, { connected: true, instance: "any", rttMs: 2 });
    return signer;
  }

  /** The coordinator forgets all published commitments, as after a restart of everybody's links. */
  forgetCommitments(): void {
    for (const [at, name] of [...this.signers.keys()].entries()) {
      this.coordinator.peer(name, { connected: true, instance: `again-${at}-${this.#sequence}`, rttMs: 2 });
      const signer = this.signers.get(name)!;
      signer.peer("coordinator", { connected: false });
      signer.peer("coordinator", { connected: true, instance: "coordinator-1", rttMs: 2 });
    }
    // The holdings arrive; the commitments that are asked for in their wake take longer.
    this.pass(1);
  }

  /** The coordinator's process ends at once, in the middle of whatever it does; its disk stays. */
  killCoordinator(name = "coordinator"): void {
    this.#down.add(name);
    this.#reactors.delete(name);
    this.coordinators.delete(name);
    for (const signer of this.signers.values()) signer.peer(name, { connected: false });
  }

  /** Starts the coordinator from its disk; its signers connect after `delayMs`. */
  restartCoordinator(delayMs = 0, name = "coordinator"): void {
    this.#down.delete(name);
    const started = this.#startCoordinator(name);
    if (name === "coordinator") this.coordinator = started;
    this.#schedule(delayMs, () => {
      for (const name of this.signers.keys()) this.#introduce(name);
    });
    this.settle();
  }

  /** Runs something once what is under way has returned, before time passes. */
  soon(run: () => void): void {
    this.#schedule(0, run);
  }

  #startCoordinator(name: NodeId): Coordinator {
    this.#generation.set(name, (this.#generation.get(name) ?? 0) + 1);
    const coordinator = new Coordinator({
      network: this.file,
      self: name,
      identity: this.identityOf(name),
      organisations: [this.genesis],
      world: this.#world(name),
      backend: this.#backend,
      behaviour: this.#coordinatorBehaviour,
    });
    this.#reactors.set(name, coordinator);
    this.coordinators.set(name, coordinator);
    coordinator.start();
    return coordinator;
  }

  private startSigner(name: NodeId): void {
    this.#generation.set(name, (this.#generation.get(name) ?? 0) + 1);
    const behaviour = this.#behaviours[name];
    const self = nameOf(name);
    const signer = new Signer({
      network: this.file,
      self,
      identity: this.identityOf(self),
      world: this.#world(name),
      backend: this.#backend,
      ...(behaviour === undefined ? {} : { behaviour }),
    });
    this.signers.set(name, signer);
    this.#reactors.set(name, signer);
    signer.start();
  }

  #introduce(name: NodeId): void {
    const instance = `${name}-${this.#generation.get(name)}`;
    for (const [at, coordinator] of this.coordinators) {
      coordinator.peer(name, { connected: true, instance, rttMs: 2 });
      const its = `${at}-${this.#generation.get(at)}`;
      this.signers.get(name)?.peer(at, { connected: true, instance: its, rttMs: 2 });
    }
    if (this.#pairs !== "none") this.#introduceSigners(name, instance);
  }

  #introduceSigners(name: NodeId, instance: string): void {
    for (const other of this.signers.keys()) {
      if (other === name || this.#down.has(other)) continue;
      this.signers.get(other)!.peer(name, { connected: true, instance, rttMs: 2 });
      const theirs = `${other}-${this.#generation.get(other)}`;
      this.signers.get(name)!.peer(other, { connected: true, instance: theirs, rttMs: 2 });
    }
  }

  #schedule(delayMs: number, run: () => void): void {
    const happening = { at: this.#now + delayMs, sequence: this.#sequence++, run };
    let [from, to] = [0, this.#queue.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#queue[middle]!.at > happening.at) to = middle;
      else from = middle + 1;
    }
    this.#queue.splice(from, 0, happening);
  }

  #world(self: NodeId): World {
    const generation = this.#generation.get(self);
    const alive = () => this.#generation.get(self) === generation && this.#reactors.has(self);
    const wake = (token: Token, result: unknown) => {
      if (alive()) this.#hear(self, () => this.#reactors.get(self)?.wake(token, result));
    };
    const disk = () => this.disks.get(this.#diskOf(self))!;
    const behaviour = this.#behaviours[self];
    const workshop = new Workshop({
      identity: this.identityOf(nameOf(self)),
      random: (length) => this.#random(self, length),
      backend: this.#backend,
      ...(behaviour === undefined ? {} : { behaviour }),
    });
    return {
      compute: (job, token) => {
        // What a thread is given and gives back is a copy; so it is here.
        const made = structuredClone(workshop.work(structuredClone(job) as WorkshopJob));
        this.#schedule(0, () => wake(token, made));
      },
      now: () => this.#now,
      wallNow: () => START_MS + this.#now,
      after: (delayMs, token) => this.#schedule(delayMs, () => wake(token, undefined)),
      random: (length) => this.#random(self, length),
      send: (to, bytes) => this.#send(self, { from: nameOf(self), to, bytes: bytes.slice() }),
      read: (keys, token) => {
        const found = keys.map((key): RecordRead => {
          return this.damaged.has(place(key)) ? { state: "faulty", fault: "corrupt_record" } : read(disk(), key);
        });
        this.#schedule(0, () => wake(token, found));
      },
      list: (query, token) => {
        const found = list(disk(), query);
        this.#schedule(0, () => wake(token, found));
      },
      write: (batch, token) => {
        this.onWrite(self, batch);
        if (this.#down.has(self)) return;
        const result = this.fullDisks.has(self) ? "no_space" : clashes(disk(), batch) ? "conflict" : "ok";
        for (const one of result === "ok" ? batch : []) write(disk(), one, this.#sequence++);
        this.#schedule(0, () => wake(token, result));
        if (result === "ok") for (const one of batch) this.#tellOthers(self, one);
      },
      emit: (event) => this.events.push({ node: self, ...event }),
    };
  }

  #diskOf(name: NodeId): NodeId {
    return name.startsWith("coordinator") ? "coordinator" : name;
  }

  /** Who shares a disk hears what another wrote there, a millisecond later. */
  #tellOthers(self: NodeId, { kind, id, epoch }: RecordKey): void {
    if (kind !== "key" && kind !== "log-record") return;
    for (const [name, coordinator] of this.coordinators) {
      if (name === self || this.#diskOf(self) !== "coordinator" || this.deaf.has(name)) continue;
      this.#schedule(1, () => {
        if (this.coordinators.get(name) === coordinator && !this.#down.has(name))
          this.#hear(name, () => coordinator.changed({ kind, id, epoch }));
      });
    }
  }

  #send(by: NodeId, message: Passing): void {
    this.traffic.push(message);
    if (this.#down.has(by)) return;
    const bytes = this.intercept(message);
    if (bytes === undefined) return;
    const link = `${message.from} ${message.to}`;
    const at = Math.max(this.#now + this.latency(message), this.#latest.get(link) ?? 0);
    this.#latest.set(link, at);
    this.#schedule(at - this.#now, () => {
      for (const to of [message.to, `${message.to}~`]) {
        if (!this.#down.has(to)) this.#hear(to, () => this.#reactors.get(to)?.receive(message.from, bytes));
      }
    });
  }

  #random(self: NodeId, length: number): Uint8Array {
    const drawn = `${this.#seed} ${this.#sequence++}`;
    const bytes = new Uint8Array(hash("shake256", drawn, { outputEncoding: "buffer", outputLength: length }));
    const all = this.drawn.get(self) ?? [];
    all.push(bytes.slice());
    this.drawn.set(self, all);
    return bytes;
  }
}

/** By the number of signers: the disks of a network whose signers have set up their pairs. */
const madePairs = new Map<number, ReadonlyMap<NodeId, Disk>>();

/** The name under which a process speaks. */
function nameOf(process: NodeId): NodeId {
  return process.replace("~", "");
}

function allReady(signer: Signer): boolean {
  return signer.pairs().every((pair) => pair.state === "ready");
}

export type Disk = Map<string, RecordWrite & { cursor: number }>;

function place({ kind, id, epoch }: RecordKey): string {
  return `${kind} ${id} ${epoch}`;
}

function clashes(disk: Disk, batch: readonly RecordWrite[]): boolean {
  return batch.some((one) => one.ifAbsent && disk.has(place(one)));
}

function read(disk: Disk, key: RecordKey): RecordRead {
  const value = disk.get(place(key))?.value;
  return value === undefined || value === null ? { state: "absent" } : { state: "present", value: value.slice() };
}

function list(disk: Disk, query: RecordQuery): RecordListed[] {
  const fits = [...disk.values()].filter((one) => {
    const after =
      query.after === undefined || (query.newestFirst ? one.cursor < query.after : one.cursor > query.after);
    return one.kind === query.kind && (query.scope === undefined || one.scope === query.scope) && after;
  });
  const order = query.newestFirst ? -1 : 1;
  return fits
    .toSorted((a, b) => order * (a.cursor - b.cursor))
    .slice(0, query.limit)
    .map(({ kind, id, epoch, cursor }) => ({ kind, id, epoch, cursor, record: read(disk, { kind, id, epoch }) }));
}

function write(disk: Disk, one: RecordWrite, cursor: number): void {
  if (one.value === null) disk.delete(place(one));
  else disk.set(place(one), { ...one, value: one.value.slice(), cursor: disk.get(place(one))?.cursor ?? cursor });
}
