import type { NodeId } from "@quorate/orders";
import type { Abort, Evidence, Identifier, SessionSetup } from "@quorate/protocol";
import type { Driver } from "./driver.ts";

/** A session to run, and what to do with what becomes of it. */
export interface Run<Out> {
  readonly setup: Pick<SessionSetup, "executionId" | "context" | "participants">;
  readonly driver: Driver<Out>;
  /** Which node each of the others is. */
  readonly nodes: ReadonlyMap<Identifier, NodeId>;
  readonly timeoutMs: number;
  done(output: Out): void;
  aborted(abort: Abort, waitingFor: readonly Identifier[]): void;
  /** Something must be durable before the session goes on: call `saved`, or give the reason why it cannot be. */
  checkpoint?(value: Uint8Array, saved: (failure?: Abort) => void): void;
  /** A check failed that depends on this signer's own secrets: nothing is told to anybody before `then`. */
  banned?(culprits: readonly Identifier[], then: () => void): void;
  /** The abort names somebody with evidence; it may come after the end, which was another then. */
  convicted?(abort: Abort): void;
  /** It stands still: whoever it waits for may not have heard that it began. */
  stands?(): void;
  /** One of very many, for which nobody waits: it is kept for less long once it has ended. */
  readonly brief?: boolean;
  /** Whether a peer's evidence proves, here, what it says of everyone that it names. */
  judge(evidence: Evidence): boolean;
}
