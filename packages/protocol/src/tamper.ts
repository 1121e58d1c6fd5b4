import type { BroadcastStep, PrivateStep, Protocol, Step, TamperedStep } from "./exchange.ts";
import type { Identifier } from "./participant.ts";

/** What a misbehaving participant does in place of an honest step. Returning the step itself is honest. */
export type Edit = (step: Step) => Step;

/** Runs an honest protocol and edits what it yields: the one way in which participants are made malicious. */
export function* tamper<Out>(protocol: Protocol<Out>, edit: Edit): Protocol<Out> {
  using honest = protocol;
  for (let next = honest.next(); ; next = honest.next()) {
    if (next.done) return next.value;
    yield edit(next.value);
  }
}

/**
 * Replaces what goes to each of `peers`.
 *
 * @param body the body for that peer, or `null` to stay silent towards it
 */
export function tampered(
  honest: BroadcastStep | PrivateStep,
  peers: readonly Identifier[],
  body: (to: Identifier, honest: Uint8Array) => Uint8Array | null,
): TamperedStep {
  const bodies = new Map<Identifier, Uint8Array>();
  for (const to of peers) {
    const meant = honest.kind === "broadcast" ? honest.body : honest.bodies.get(to);
    const sent = meant === undefined ? null : body(to, meant);
    if (sent !== null) bodies.set(to, sent);
  }
  return { kind: "tampered", honest, bodies };
}
