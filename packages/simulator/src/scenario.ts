import type { Curve, Scheme } from "@quorate/coordinator";
import type { Fault } from "@quorate/faults";
import type { NodeId } from "@quorate/orders";

/** A fault of a scenario: when it begins, and for how long it holds. */
export interface Timed {
  /** Milliseconds after the first request may be asked; where it waits for an event, after that. */
  readonly atMs: number;
  /** The type of an event: it begins when there is the first one of that type, be it before the first request. */
  readonly on?: string;
  /** Until the end of the run unless said. */
  readonly forMs?: number;
  readonly fault: Fault;
}

/** Who asks for what. */
export interface Workload {
  readonly keys: readonly { readonly scheme: Scheme; readonly curve: Curve }[];
  readonly requests: number;
  /** Requests come evenly by chance over so many milliseconds. */
  readonly overMs: number;
  /** When each of them comes, where that is not by chance. */
  readonly timesMs?: readonly number[];
  readonly deadlineMs: number;
  /** Of how many requests the asker sends a second copy. In [0, 1]. */
  readonly duplicates: number;
  /** How many keys are made while requests and faults come; none unless said. */
  readonly keysMeanwhile?: number;
}

/** An operator stops its signers for a while. */
export interface TimedHalt {
  readonly atMs: number;
  readonly forMs: number;
  readonly operator: string;
}

/** A run as data: what is in it follows from this and from nothing else. */
export interface Scenario {
  readonly seed: string;
  readonly network: {
    readonly regions: readonly string[];
    /** What the signers are called, one for each region; `signer-1` and so on unless said. */
    readonly names?: readonly NodeId[];
    readonly minSigners: number;
    readonly coordinators: number;
    /** p99 over p50 of delays; 0 for none. */
    readonly jitter: number;
    /** How long a write takes to be durable, milliseconds. */
    readonly writeMs: number;
  };
  readonly crypto: "full" | "model";
  readonly workload: Workload;
  readonly timeline: readonly Timed[];
  /** None unless said. */
  readonly halts?: readonly TimedHalt[];
  /** The signers that are whole again in the second phase, when all must end well: `minSigners` or more, none of them malicious. */
  readonly core: readonly NodeId[];
}
