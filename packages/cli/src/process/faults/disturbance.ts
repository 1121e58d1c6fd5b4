import type { ActiveFault, LinkRule } from "@quorate/faults";
import type { RecordStore } from "@quorate/storage";

/** What a process asks where faults could be in force. Only the types are here: what answers is loaded under `--allow-faults` alone. */
export interface Disturbance {
  /** Faults of the links on which this node sends. */
  rules(): readonly LinkRule[];
  /** Milliseconds since 1970 as this node takes them to be. */
  wallNow(): number;
  /** The records, on a disk that may be full or slow. */
  records(store: RecordStore): RecordStore;
  /** Runs a step of the reactor, and takes longer where the node is slow. */
  around(step: () => void): void;
  /** Called with all faults whenever they change: for the thread that does the heavy work. */
  onChange(listener: (faults: readonly ActiveFault[]) => void): void;
  /** Does what the supervisor asks: `inject`, `clear` or `ls`. */
  answer(payload: unknown): readonly ActiveFault[];
}
