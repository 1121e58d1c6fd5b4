import { decode, encode } from "@quorate/curves";
import {
  type HaltStatement,
  haltHash,
  haltStatement,
  hex,
  type NetworkFile,
  type NodeId,
  type ResumeStatement,
  resumeStatement,
  verifyHalt,
  verifyResume,
  type Waits,
  type World,
} from "@quorate/orders";
import { haltRecord, RECORD_KINDS } from "@quorate/vault";
import type { Audit } from "../audit.ts";
import type { Link } from "../link.ts";
import { Refused } from "../refused.ts";

/** What halting works with. */
export interface HaltingParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly network: NetworkFile;
  readonly self: NodeId;
  readonly audit: Audit;
}

/** Whether a statement was taken: only `taken` changed something, durably. */
export type HaltAnswer = "taken" | "known" | "refused" | "not_stored";

/** The record of a halt: there is one. */
const PLACE = { kind: RECORD_KINDS.halt, id: "halt", epoch: 0 };

/** Stops this signer at the word of its operator, without the coordinator, until enough operators let it go on. */
export class Halting {
  readonly #parts: HaltingParts;
  #halt: HaltStatement | undefined;
  #unreadable = false;
  /** The last resume: shown to whoever repeats the halt that it ended. */
  #resume: ResumeStatement | undefined;
  /** Called once this signer is to stop what it is doing. */
  stopped: () => void = () => {};
  /** Called when the others are to be told. */
  changed: () => void = () => {};

  constructor(parts: HaltingParts) {
    this.#parts = parts;
  }

  /** A record that cannot be read halts: who halted this signer wanted it to stay so. */
  load(then: () => void): void {
    this.#parts.waits.read([PLACE], ([record]) => {
      if (record?.state === "present") this.#take(record.value);
      else this.#unreadable = record?.state === "faulty";
      then();
    });
  }

  #take(stored: Uint8Array): void {
    try {
      const { halt, resume } = decode(haltRecord, stored);
      this.#halt = halt === null ? undefined : decode(haltStatement, halt.slice());
      this.#resume = resume === null ? undefined : decode(resumeStatement, resume.slice());
    } catch {
      this.#unreadable = true;
    }
  }

  get isHalted(): boolean {
    return this.#halt !== undefined || this.#unreadable;
  }

  /** The statement under which this signer is halted, and the resume that ended the one before. */
  get statements(): { readonly halt: HaltStatement | undefined; readonly resume: ResumeStatement | undefined } {
    return { halt: this.#halt, resume: this.#resume };
  }

  /** @throws Refused `halted` */
  check(): void {
    if (!this.isHalted) return;
    const who = this.#halt?.halt.operator ?? "an operator";
    throw new Refused("halted", `${who} halted this signer`);
  }

  /** Stops at once; `then` once it would survive a restart. */
  halt(statement: HaltStatement, then: (answer: HaltAnswer) => void): void {
    const { network, link, self } = this.#parts;
    if (!verifyHalt(network, link.networkHash, statement)) return then("refused");
    const { time, nodes } = statement.halt;
    if (!nodes.includes(self)) return then("refused");
    const ended = this.#resume?.halt.halt.time ?? -1;
    if (time <= ended || time <= (this.#halt?.halt.time ?? -1)) return then("known");
    this.#halt = statement;
    this.stopped();
    this.#keep({ kind: "halted", operator: statement.halt.operator, statement: this.#hash(statement) }, then);
  }

  /** Goes on, where enough operators say so of the very halt under which this signer stands; `then` once that is durable. */
  resume(statement: ResumeStatement, then: (answer: HaltAnswer) => void): void {
    const { network, link } = this.#parts;
    const halt = this.#halt;
    if (halt === undefined && !this.#unreadable) return then("known");
    const isOurs = halt === undefined || hex(this.#hash(halt)) === hex(this.#hash(statement.halt));
    if (!isOurs || !verifyHalt(network, link.networkHash, statement.halt)) return then("refused");
    if (!statement.halt.halt.nodes.includes(this.#parts.self)) return then("refused");
    if (!verifyResume(network, link.networkHash, statement)) return then("refused");
    this.#halt = undefined;
    this.#unreadable = false;
    this.#resume = statement;
    this.#keep({ kind: "resumed", statement: this.#hash(statement.halt) }, then);
  }

  #hash({ halt }: HaltStatement): Uint8Array {
    return haltHash(this.#parts.link.networkHash, halt);
  }

  #keep(action: Parameters<Audit["write"]>[1] & object, then: (answer: HaltAnswer) => void): void {
    const { audit, world } = this.#parts;
    const halt = this.#halt === undefined ? null : encode(haltStatement, this.#halt);
    const resume = this.#resume === undefined ? null : encode(resumeStatement, this.#resume);
    world.emit({ type: `signer.${action.kind}` });
    this.changed();
    audit.write([{ ...PLACE, value: encode(haltRecord, { halt, resume }) }], action, (result) => {
      then(result === "ok" ? "taken" : "not_stored");
    });
  }
}
