import { randomBytes } from "node:crypto";
import {
  type ActiveFault,
  type CoordinatorFault,
  FAULTS,
  type Fault,
  isLinkFault,
  isOfProcess,
  type LinkRule,
  linkRules,
  nodesOf,
  parseFault,
  type SignerFault,
} from "@quorate/faults";
import { CoordinatorMisbehaviour } from "@quorate/faults/coordinator";
import { Misbehaviour, type RoundFault } from "@quorate/faults/edits";
import { InputError, type NetworkFile, type NodeId } from "@quorate/orders";
import type { RecordStore } from "@quorate/storage";
import type { Disturbance } from "./disturbance.ts";
import { faultyRecords } from "./faulty-records.ts";
import { endAtRound } from "./round.ts";
import { skewed } from "./skewed-clock.ts";
import { slowed } from "./stall.ts";

interface Since extends ActiveFault {
  /** By the true clock. */
  readonly sinceMs: number;
  /** What a fault of a link that does not change means here. */
  readonly rules: readonly LinkRule[];
}

/** The faults in force at this process, and what each of them does to it. Loaded only where faults are allowed. */
export class FaultyNode implements Disturbance {
  /** For a signer. */
  readonly signer: Misbehaviour;
  /** For a coordinator. */
  readonly coordinator: CoordinatorMisbehaviour;
  readonly #network: NetworkFile;
  readonly #self: NodeId;
  readonly #active = new Map<string, Since>();
  #listener: (faults: readonly ActiveFault[]) => void = () => {};

  /** @param faults in force from the start: those of them that are faults of this node */
  constructor(network: NetworkFile, self: NodeId, faults: readonly Fault[]) {
    this.#network = network;
    this.#self = self;
    const random = (length: number) => new Uint8Array(randomBytes(length));
    this.signer = new Misbehaviour({ random, nodes: network, reached: endAtRound });
    this.coordinator = new CoordinatorMisbehaviour({ random });
    for (const [at, fault] of faults.entries()) {
      if (nodesOf(fault, network).includes(self)) this.#inject(`start${at + 1}`, fault);
    }
  }

  onChange(listener: (faults: readonly ActiveFault[]) => void): void {
    this.#listener = listener;
    listener(this.active);
  }

  get active(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ id, fault }) => ({ id, fault }));
  }

  rules(): readonly LinkRule[] {
    const rules: LinkRule[] = [];
    for (const one of this.#active.values()) {
      rules.push(...(one.fault.kind === "flap" ? this.#rulesOf(one.fault, Date.now() - one.sinceMs) : one.rules));
    }
    return rules;
  }

  wallNow(): number {
    const clocks = [...this.#active.values()].flatMap(({ fault, sinceMs }) =>
      fault.kind === "clock" ? [{ fault, sinceMs }] : [],
    );
    return skewed(clocks, Date.now());
  }

  records(store: RecordStore): RecordStore {
    return faultyRecords(store, () => ({
      full: this.#some("disk-full").length > 0,
      slowMs: Math.max(0, ...this.#some("disk-slow").map((one) => one.ms)),
    }));
  }

  around(step: () => void): void {
    slowed(slownessOf(this.active), step);
  }

  answer(payload: unknown): readonly ActiveFault[] {
    const { action, id, fault } = parseQuestion(payload);
    if (action === "inject") this.#inject(id ?? "", this.#ownFault(fault));
    if (action === "clear") this.#clear(id);
    if (action !== "ls") this.#listener(this.active);
    return this.active;
  }

  /** @throws InputError for what is no fault, or none that this process could have */
  #ownFault(given: unknown): Fault {
    const fault = parseFault(given);
    if (!isOfProcess(fault)) refuse("kind", `no process does ${fault.kind} to itself`, "quorate fault inject does it");
    const nodes = nodesOf(fault, this.#network);
    if (nodes.includes(this.#self)) return fault;
    refuse(isLinkFault(fault) ? "link" : "node", `${fault.kind} is at ${nodes.join(", ")}, not at ${this.#self}`);
  }

  #inject(id: string, fault: Fault): void {
    this.#clear(id);
    const rules = isLinkFault(fault) ? this.#rulesOf(fault, 0) : [];
    this.#active.set(id, { id, fault, sinceMs: Date.now(), rules });
    const { on } = FAULTS[fault.kind];
    if (on === "coordinator") this.coordinator.inject(id, fault as CoordinatorFault);
    else if (on === "signer" || isRoundFault(fault)) this.signer.inject(id, fault as SignerFault | RoundFault);
  }

  #clear(id: string | undefined): void {
    this.signer.clear(id);
    this.coordinator.clear(id);
    if (id === undefined) this.#active.clear();
    else this.#active.delete(id);
  }

  #rulesOf(fault: Fault, elapsedMs: number): readonly LinkRule[] {
    if (!isLinkFault(fault)) return [];
    return linkRules(fault, this.#network, elapsedMs).filter((rule) => rule.from === this.#self);
  }

  #some<K extends Fault["kind"]>(kind: K): readonly Extract<Fault, { kind: K }>[] {
    return [...this.#active.values()].flatMap(({ fault }) =>
      fault.kind === kind ? [fault as Extract<Fault, { kind: K }>] : [],
    );
  }
}

interface Question {
  readonly action: "inject" | "clear" | "ls";
  readonly id?: string;
  readonly fault?: unknown;
}

/** @throws InputError naming the field */
function parseQuestion(payload: unknown): Question {
  const { action, id, fault } = Object(payload) as Readonly<Record<string, unknown>>;
  if (action !== "inject" && action !== "clear" && action !== "ls")
    refuse("action", "inject, clear or ls belongs here");
  if (id === undefined && action !== "inject") return { action };
  if (typeof id !== "string" || !/^[a-z0-9-]{1,32}$/.test(id)) {
    refuse("id", "small letters, digits and dashes belong here, 32 at most");
  }
  return { action, id, fault };
}

function refuse(field: string, problem: string, hint?: string): never {
  throw new InputError("invalid_input", `${field}: ${problem}`, { field, ...(hint === undefined ? {} : { hint }) });
}

/** Whether it waits for a round of a session. */
function isRoundFault(fault: Fault): fault is RoundFault {
  return (fault.kind === "crash" || fault.kind === "pause") && fault.round !== undefined;
}

/** How many times slower a node with these faults computes. */
export function slownessOf(faults: readonly ActiveFault[]): number {
  return faults.reduce((factor, { fault }) => (fault.kind === "slow" ? factor * fault.factor : factor), 1);
}
