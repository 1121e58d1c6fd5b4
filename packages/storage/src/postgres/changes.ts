import type { Change } from "../store.ts";

type Listener = (change: Change) => void;

/** Who wants to hear of records of which kind. */
export class Changes {
  readonly #listeners = new Map<string, Set<Listener>>();

  on(kind: string, listener: Listener): () => void {
    const known = this.#listeners.get(kind) ?? new Set<Listener>();
    this.#listeners.set(kind, known.add(listener));
    return () => known.delete(listener);
  }

  /** What another process said: `[kind, id, epoch]`, or `[kind]` where the id is too long to be said. */
  heard(payload: string): void {
    const said = parse(payload);
    if (!Array.isArray(said)) return;
    const [kind, id, epoch] = said as unknown[];
    if (typeof kind !== "string") return;
    const whole = typeof id === "string" && typeof epoch === "number";
    this.#tell(kind, whole ? { kind, id, epoch } : "missed");
  }

  missed(): void {
    for (const kind of this.#listeners.keys()) this.#tell(kind, "missed");
  }

  #tell(kind: string, change: Change): void {
    for (const listener of this.#listeners.get(kind) ?? []) listener(change);
  }
}

/** Whoever may connect to the database may say anything on the channel. */
function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
