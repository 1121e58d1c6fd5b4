import type { NodeId } from "@quorate/orders";
import type { Client } from "../client.ts";
import type { Simulation } from "../simulation.ts";
import { Agreement } from "./agreement.ts";
import { AuditChain } from "./audit-chain.ts";
import { BlameIsSound } from "./blame-is-sound.ts";
import { Bounded } from "./bounded.ts";
import { BurnBeforeSpeak } from "./burn-before-speak.ts";
import type { Checker } from "./checker.ts";
import { type Counts, Coverage } from "./coverage.ts";
import { EveryRequestEnds } from "./every-request-ends.ts";
import { HonestNeverBlamed } from "./honest-never-blamed.ts";
import { Idempotent } from "./idempotent.ts";
import { Keys } from "./keys.ts";
import { NoDefect } from "./no-defect.ts";
import { NoForgery } from "./no-forgery.ts";
import { NoKey } from "./no-key.ts";
import { OneMessage } from "./one-message.ts";
import { Scene } from "./scene.ts";
import { Tables } from "./tables.ts";
import { TerminalFailures } from "./terminal-failures.ts";
import { Threshold } from "./threshold.ts";
import type { Violation } from "./violation.ts";
import { Watch } from "./watch.ts";

export { COVERED, type Counts, merged, missing } from "./coverage.ts";
export { PROPERTIES, type Property, type Violation } from "./violation.ts";

/** The checkers of a run. */
export interface Checkers {
  /** What was seen so far; the first of them says most. */
  readonly violations: readonly Violation[];
  /** How often what should happen now and then did. */
  readonly coverage: Counts;
  /**
   * The run is over: checks what can only be checked then.
   *
   * @param healed the nodes that work again, that nothing stands between, and that had time to hear from one another
   * @returns all violations
   */
  finish(healed?: ReadonlySet<NodeId>): readonly Violation[];
}

/** How runs are checked. */
export interface Checking {
  /** The nodes that do not follow the protocol; crashing, being slow or cut off is not that. */
  readonly faulty?: ReadonlySet<NodeId>;
  /** Whether messages, records, events and answers are searched for secrets: about a sixth of the time of all checkers. */
  readonly secrets?: boolean;
}

/**
 * Has all properties of a network checked, from now on.
 *
 * @param clients all who ask it for signatures: nothing else may be signed
 */
export function checkersOf(
  simulation: Simulation,
  clients: readonly Client[],
  { faulty = new Set(), secrets = true }: Checking = {},
): Checkers {
  const scene = new Scene(simulation, clients, faulty);
  const keys = new Keys(scene);
  const coverage = new Coverage();
  const checkers = checkersIn(scene, keys, secrets);
  simulation.observers.add(new Watch(scene, keys, [...checkers, coverage]));
  return {
    violations: scene.violations,
    coverage: coverage.counts,
    finish(healed = new Set()) {
      for (const one of checkers) one.finish?.(healed);
      return scene.violations;
    },
  };
}

function checkersIn(scene: Scene, keys: Keys, secrets: boolean): readonly Checker[] {
  const forgery = new NoForgery(scene);
  return [
    new NoDefect(scene),
    forgery,
    ...(secrets ? [new NoKey(scene, keys)] : []),
    new OneMessage(scene, (speech) => forgery.answeredBy(speech)),
    new BurnBeforeSpeak(scene),
    new HonestNeverBlamed(scene, keys),
    new BlameIsSound(scene),
    new Agreement(scene, keys),
    new Threshold(scene, keys),
    new Idempotent(scene),
    new TerminalFailures(scene),
    new Bounded(scene),
    new Tables(scene, (node) => scene.simulation.signers.get(node)?.load),
    new EveryRequestEnds(scene),
    new AuditChain(scene),
  ];
}
