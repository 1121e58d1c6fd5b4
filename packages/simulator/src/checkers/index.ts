import type { NodeId } from "@quorate/orders";
import type { Client } from "../client.ts";
import type { Simulation } from "../simulation.ts";
import { BurnBeforeSpeak } from "./burn-before-speak.ts";
import type { Checker } from "./checker.ts";
import { Keys } from "./keys.ts";
import { NoDefect } from "./no-defect.ts";
import { NoForgery } from "./no-forgery.ts";
import { OneMessage } from "./one-message.ts";
import { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";
import { Watch } from "./watch.ts";

export { PROPERTIES, type Property, type Violation } from "./violation.ts";

/** The checkers of a run. */
export interface Checkers {
  /** What was seen so far; the first of them says most. */
  readonly violations: readonly Violation[];
  /** The run is over: checks what can only be checked then. @returns all violations */
  finish(): readonly Violation[];
}

/**
 * Has all properties of a network checked, from now on.
 *
 * @param clients all who ask it for signatures: nothing else may be signed
 * @param faulty the nodes that do not follow the protocol; crashing, being slow or cut off is not that
 */
export function checkersOf(
  simulation: Simulation,
  clients: readonly Client[],
  { faulty = new Set() }: { readonly faulty?: ReadonlySet<NodeId> } = {},
): Checkers {
  const scene = new Scene(simulation, clients, faulty);
  const keys = new Keys(scene);
  const forgery = new NoForgery(scene);
  const checkers: readonly Checker[] = [
    new NoDefect(scene),
    forgery,
    new OneMessage(scene, (speech) => forgery.answeredBy(speech)),
    new BurnBeforeSpeak(scene),
  ];
  simulation.observers.add(new Watch(scene, keys, checkers));
  return {
    violations: scene.violations,
    finish() {
      for (const one of checkers) one.finish?.();
      return scene.violations;
    },
  };
}
