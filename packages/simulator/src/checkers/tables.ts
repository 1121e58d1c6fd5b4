import type { NodeId } from "@quorate/orders";
import type { SessionLoad } from "@quorate/signer";
import type { Checker } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** After how many happenings the tables are looked at. */
const EVERY = 256;
/** The most sessions: those that there is room for, and those that were let in while they waited for the disk. */
const MAX_KEPT = 2 * 1024;
const MAX_FRAMES = 64;
const MAX_BYTES = 1 << 20;
/** How much longer than it may a session takes, for a clock that drifts, milliseconds. */
const LATE_MS = 1000;

/** What honest signers hold of sessions; `undefined` for one that does not run. */
export type LoadOf = (node: NodeId) => SessionLoad | undefined;

/** A11, inside the signers: tables of sessions and of what waits for an order have room for so much, and no session outlives its time. */
export class Tables implements Checker {
  readonly property: Property = "bounded";
  readonly #scene: Scene;
  readonly #loadOf: LoadOf;
  /** Since when a session is known to go on, by signer and execution. */
  #since = new Map<string, number>();
  #count = 0;

  constructor(scene: Scene, loadOf: LoadOf) {
    this.#scene = scene;
    this.#loadOf = loadOf;
  }

  passed(): void {
    this.#count += 1;
    if (this.#count % EVERY === 0) this.#look();
  }

  finish(): void {
    this.#look();
  }

  #look(): void {
    const since = new Map<string, number>();
    for (const node of this.#scene.honestSigners) {
      const load = this.#loadOf(node);
      if (load === undefined) continue;
      const { kept, open, parked } = load;
      if (kept > MAX_KEPT) this.#report(node, `keeps ${kept} sessions`);
      if (parked.frames > MAX_FRAMES || parked.bytes > MAX_BYTES)
        this.#report(node, `lets ${parked.frames} frames of one peer wait, ${parked.bytes} bytes`);
      for (const { execution, timeoutMs } of open) {
        const name = `${node} ${execution}`;
        // Whoever sleeps or is slow hears its own alarms late: its time begins again.
        const { promptSince = this.#scene.now } = this.#scene.machine(node);
        const first = Math.max(this.#since.get(name) ?? this.#scene.now, promptSince);
        since.set(name, first);
        const ageMs = this.#scene.now - first;
        if (ageMs > timeoutMs + LATE_MS)
          this.#report(node, `is in ${execution} for ${ageMs} ms, which may take ${timeoutMs}`);
      }
    }
    this.#since = since;
  }

  #report(node: NodeId, text: string): void {
    this.#scene.report(this.property, node, text);
  }
}
