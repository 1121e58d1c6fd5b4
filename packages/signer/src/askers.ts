import { sha256 } from "@quorate/curves";
import { hex, type NodeId } from "@quorate/orders";
import type { Answer } from "./link.ts";

/** The most orders that are remembered; the oldest go first. An answer to an order that was forgotten reaches nobody. */
const MAX_REMEMBERED = 8192;
/** The most answers that are kept in case they get lost: of the last few seconds. */
const MAX_ANSWERS = 256;

interface Asked {
  readonly from: NodeId;
  /** Of the order as it came, signed. */
  readonly digest: string;
}

/** Which coordinator gave which order: only that one gets the answer, and gets it again when it gives the same order again. */
export class Askers {
  readonly #asked = new Map<string, Asked>();
  readonly #answers = new Map<string, Answer>();

  /** Whoever gives an order gets the answer. @param bytes the order as it came @returns whether it came before */
  note(executionId: Uint8Array, from: NodeId, bytes: Uint8Array): boolean {
    const id = hex(executionId);
    const digest = hex(sha256(bytes));
    const isRepeated = this.#asked.get(id)?.digest === digest;
    if (!isRepeated) this.#answers.delete(id);
    remember(this.#asked, id, { from, digest }, MAX_REMEMBERED);
    return isRepeated;
  }

  of(executionId: Uint8Array): NodeId | undefined {
    return this.#asked.get(hex(executionId))?.from;
  }

  answered(answer: Answer): void {
    remember(this.#answers, hex(answer.executionId), answer, MAX_ANSWERS);
  }

  answerTo(executionId: Uint8Array): Answer | undefined {
    return this.#answers.get(hex(executionId));
  }
}

function remember<T>(all: Map<string, T>, id: string, one: T, most: number): void {
  all.delete(id);
  all.set(id, one);
  if (all.size > most) all.delete(all.keys().next().value!);
}
