import { type CoordinatorFault, FAULTS, type Fault, isLinkFault, nodesOf, type SignerFault } from "@quorate/faults";
import { CoordinatorMisbehaviour } from "@quorate/faults/coordinator";
import { Misbehaviour } from "@quorate/faults/edits";
import type { NetworkFile, NodeId } from "@quorate/orders";
import type { Chance } from "./chance.ts";

/** A fault of a node that does not follow the protocol. */
type Lie = SignerFault | CoordinatorFault;

function isLie(fault: Fault): fault is Lie {
  return !isLinkFault(fault) && FAULTS[fault.kind].on !== "node";
}

/** The nodes of a run that lie at some time in it: the code of all others has no seam for it. */
export class Liars {
  readonly signers = new Map<NodeId, Misbehaviour>();
  readonly coordinators = new Map<NodeId, CoordinatorMisbehaviour>();

  constructor(faults: readonly Fault[], network: NetworkFile, chance: Chance) {
    for (const fault of faults.filter(isLie)) {
      for (const name of nodesOf(fault, network)) {
        const own = chance.fork(`liar ${name}`);
        const random = (length: number) => own.bytes(length);
        if (FAULTS[fault.kind].on === "coordinator")
          this.coordinators.set(name, new CoordinatorMisbehaviour({ random }));
        else this.signers.set(name, new Misbehaviour({ random, nodes: network }));
      }
    }
  }

  /** Those that are not honest. */
  get names(): ReadonlySet<NodeId> {
    return new Set([...this.signers.keys(), ...this.coordinators.keys()]);
  }

  of(name: NodeId): Misbehaviour | CoordinatorMisbehaviour | undefined {
    return this.signers.get(name) ?? this.coordinators.get(name);
  }
}
