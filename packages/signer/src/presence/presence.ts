import { decode, encode, type Identity } from "@quorate/curves";
import {
  hex,
  type NetworkFile,
  type NodeId,
  type PresenceStatement,
  type Presence as PresenceValue,
  presence,
  presenceHash,
  presenceStatement,
  provesClone,
  signPresence,
  verifyPresence,
  type Waits,
  type World,
} from "@quorate/orders";
import type { Audit } from "../audit.ts";
import type { Halting } from "../authority/halting.ts";
import type { Link } from "../link.ts";
import type { Pairs } from "../pairs.ts";
import type { PresenceMessage } from "../peer-message.ts";
import type { Lives } from "./lives.ts";
import { Loss } from "./loss.ts";
import { Recall } from "./recall.ts";
import { Witness } from "./witness.ts";

/** What presence works with. */
export interface PresenceParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly self: NodeId;
  readonly identity: Identity;
  readonly link: Link;
  readonly audit: Audit;
  readonly lives: Lives;
  readonly pairs: Pairs;
  readonly halting: Halting;
  /** Stops all that is under way. */
  readonly stop: () => void;
}

/** How often a signer says where it stands, milliseconds. */
const EVERY_MS = 1000;
/**
 * How long a signer that has lived before waits after it has said that it lives again, milliseconds: another process that lives under
 * its name hears of it from the others, and they of that one.
 */
const QUIET_MS = 1000;

/**
 * Who lives under which name, and what the others remember of it. A signer serves only once it knows that nothing is lost which it
 * did in an earlier life, or has made up for it; and never beside another process of its name.
 */
export class Presence {
  readonly #parts: PresenceParts;
  readonly #others: readonly NodeId[];
  readonly #witness: Witness;
  readonly #recall: Recall;
  readonly #loss: Loss;
  #isLoaded = false;
  /** Of this process; drawn once this life has its number. */
  #instance: Uint8Array | undefined;
  #said: PresenceStatement | undefined;
  /** Whose new life was told to everybody a moment ago. */
  readonly #told = new Set<NodeId>();

  constructor(parts: PresenceParts) {
    const { network, self, waits, link } = parts;
    this.#parts = parts;
    this.#others = network.nodes.map((node) => node.name).filter((name) => name !== self);
    this.#witness = new Witness(waits, link.networkHash, this.#others);
    this.#recall = new Recall(parts, this.#others);
    this.#loss = new Loss(parts);
  }

  load(then: () => void): void {
    this.#parts.lives.load(() =>
      this.#witness.load(() => {
        this.#isLoaded = true;
        then();
      }),
    );
  }

  /** Asks the others what they remember of this signer, begins a life that is later than all of that, and says so; `then` once it may serve. */
  begin(then: () => void): void {
    const { lives, waits, world } = this.#parts;
    this.#recall.ask(() => {
      const isFirst = lives.number === 0 && !this.#recall.isRemembered;
      this.#loss.settle(() => {
        this.#instance = world.random(16);
        this.#tick();
        const serve = () => {
          lives.isServing = true;
          then();
        };
        if (isFirst) serve();
        else waits.after(QUIET_MS, serve);
      });
    });
  }

  connected(peer: NodeId): void {
    if (!this.#others.includes(peer)) return;
    this.#recall.connected(peer);
    this.say([peer]);
  }

  heard(from: NodeId, message: PresenceMessage): void {
    if (!this.#isLoaded) return; // who asks would be told that nothing is remembered; it asks again
    switch (message.kind) {
      case "recall":
        return this.#remind(from);
      case "remembered":
        return this.#remembered(from, message.statement);
      case "presence":
        return this.#present(from, message.node, message.statement);
      case "cloned":
        return this.#cloned(from, message);
    }
  }

  /** A person decides that a signer which was cloned is one again; this one begins a new life. `then` with whether there was anything to decide about this one. */
  settle(node: NodeId, then: (done: boolean) => void): void {
    const { lives, self, world } = this.#parts;
    if (node !== self) {
      this.#witness.settle(node);
      return then(false);
    }
    if (!lives.isFenced) return then(false);
    const numbers = lives.proof.map((one) => decode(presenceStatement, one).presence.incarnation);
    const incarnation = Math.max(lives.settled, ...numbers);
    // What the other did is not in these records: as if they had been put back.
    const change = { proof: [], settled: incarnation, incarnation: incarnation + 1, rolledBackAt: world.wallNow() };
    lives.keep(change, [], { kind: "unfenced", incarnation }, () => {
      this.#instance = world.random(16);
      this.say();
      then(true);
    });
  }

  /** Says where this signer stands: to everybody, unless it says to whom. */
  say(to: readonly NodeId[] = this.#others): void {
    if (this.#instance === undefined) return;
    const { link, self } = this.#parts;
    const statement = this.#statement();
    for (const peer of to) link.tell(peer, { kind: "presence", node: self, statement });
  }

  #tick(): void {
    this.say();
    this.#told.clear();
    this.#parts.waits.after(EVERY_MS, () => this.#tick());
  }

  #statement(): PresenceStatement {
    const value = this.#value(null);
    if (this.#said === undefined || !isSame(encode(presence, value), encode(presence, this.#said.presence)))
      this.#said = this.#signed(value);
    return this.#said;
  }

  #signed(value: PresenceValue): PresenceStatement {
    const { link, self, identity } = this.#parts;
    return signPresence(link.networkHash, self, value, identity);
  }

  #value(seen: Uint8Array | null): PresenceValue {
    const { audit, lives, pairs, halting } = this.#parts;
    const { sequence, previous: head } = audit.durable;
    const banned = pairs.banned();
    const halt = halting.statements.halt ?? null;
    return { incarnation: lives.number, instance: this.#instance!, sequence, head, banned, halt, seen };
  }

  /** Also while this signer itself has yet to hear: else a network that starts as a whole would wait for ever. */
  #remind(peer: NodeId): void {
    const { link } = this.#parts;
    const { statement, proof } = this.#witness.of(peer);
    if (proof !== undefined) link.tell(peer, { kind: "cloned", node: peer, first: proof[0], second: proof[1] });
    link.tell(peer, { kind: "remembered", statement: statement ?? null });
  }

  #remembered(from: NodeId, statement: PresenceStatement | null): void {
    if (statement === null) return this.#recall.answered(from, false);
    if (this.#isSaid(from, this.#parts.self, statement)) this.#own(statement, () => this.#recall.answered(from, true));
  }

  #present(from: NodeId, node: NodeId, statement: PresenceStatement): void {
    const { self, link } = this.#parts;
    const before = this.#witness.of(node).statement;
    if (before !== undefined && isSame(encode(presenceStatement, before), encode(presenceStatement, statement))) return;
    if (!this.#isSaid(from, node, statement)) return;
    if (node === self) return this.#own(statement, () => {});
    const heard = copied(statement);
    const noted = this.#witness.note(node, heard);
    if (noted === "clone") return this.#proven(node, before!, heard);
    if (noted === "earlier" && from === node) link.tell(from, { kind: "presence", node, statement: before! });
    if (noted !== "life" || this.#told.has(node)) return;
    this.#told.add(node);
    // It may not have asked here before it began; and who else lives under its name is to hear of it.
    if (before !== undefined) link.tell(node, { kind: "presence", node, statement: before });
    for (const other of this.#others)
      if (other !== from) link.tell(other, { kind: "presence", node, statement: heard });
  }

  /** What is known elsewhere of this signer, by its own word: it must be something that it knows too. */
  #own(statement: PresenceStatement, then: () => void): void {
    const { audit, lives } = this.#parts;
    const heard = copied(statement);
    const { incarnation, instance, sequence, head } = heard.presence;
    const own = this.#instance;
    const isOurs = own !== undefined && incarnation === lives.number && isSame(instance, own);
    if (own !== undefined && incarnation >= lives.number && !isOurs) return this.#fence(heard);
    audit.holds({ sequence, previous: head }, (isHere) => {
      if (isHere && incarnation <= lives.number) return then();
      if (isOurs) return this.#fence(heard);
      this.#loss.of(heard, this.#instance !== undefined, then);
    });
  }

  /** Another process lives, or lived, in this signer's name: neither may go on. */
  #fence(seen: PresenceStatement): void {
    const { link, self } = this.#parts;
    const own = this.#signed(this.#value(presenceHash(link.networkHash, self, seen.presence)));
    this.#enclose(own, seen);
  }

  #enclose(first: PresenceStatement, second: PresenceStatement): void {
    const { lives, link, self, world, stop } = this.#parts;
    if (lives.isFenced) return;
    const proof = [first, second].map((one) => encode(presenceStatement, one));
    lives.keep({ proof }, [], { kind: "cloned", node: self }, () => {});
    stop();
    const instances = [first, second].map((one) => hex(one.presence.instance).slice(0, 8));
    world.emit({ type: "signer.clone_detected", instances });
    for (const peer of this.#others) link.tell(peer, { kind: "cloned", node: self, first, second });
  }

  #cloned(from: NodeId, { node, first, second }: Extract<PresenceMessage, { kind: "cloned" }>): void {
    if (!this.#isSaid(from, node, first) || !this.#isSaid(from, node, second)) return;
    const [one, other] = [copied(first), copied(second)];
    const { lives, link, self } = this.#parts;
    if (node !== self) return this.#proven(node, one, other);
    const latest = Math.max(one.presence.incarnation, other.presence.incarnation);
    if (latest > lives.settled && provesClone(link.networkHash, self, one.presence, other.presence))
      this.#enclose(one, other);
  }

  /** Works with neither of the two, and tells everybody, them too. */
  #proven(node: NodeId, one: PresenceStatement, other: PresenceStatement): void {
    const { pairs, link, world, audit } = this.#parts;
    if (!this.#witness.prove(node, one, other)) return;
    const instances = [one, other].map((two) => hex(two.presence.instance).slice(0, 8));
    world.emit({ type: "peer.clone_detected", peer: node, instances });
    audit.note({ kind: "cloned", node });
    pairs.ban(node, "clone_detected", () => {
      for (const peer of this.#others) link.tell(peer, { kind: "cloned", node, first: one, second: other });
    });
  }

  #isSaid(from: NodeId, node: NodeId, statement: PresenceStatement): boolean {
    const { link, network } = this.#parts;
    const publicKey = network.nodes.some((one) => one.name === node) ? link.identityOf(node) : undefined;
    if (publicKey !== undefined && verifyPresence(link.networkHash, node, statement, publicKey)) return true;
    link.refuse(from, "bad_signature", `${node} did not say where it stands in these words`);
    return false;
  }
}

/** What comes from a message is a view of it. */
function copied(statement: PresenceStatement): PresenceStatement {
  return decode(presenceStatement, encode(presenceStatement, statement).slice());
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
