import { type Identity, identityFromSeed, sha256 } from "@quorate/curves";
import { hex, type NetworkFile, type NodeId } from "@quorate/orders";

/** Who is where. */
export interface Topology {
  readonly minSigners: number;
  readonly signers: readonly Place[];
  /** One or more, on one disk. */
  readonly coordinators: readonly Place[];
}

export interface Place {
  readonly name: NodeId;
  readonly region: string;
  readonly operator: string;
}

/**
 * A topology with a signer in each region, each under an operator of its own, and the coordinator in the first.
 *
 * @param names of the signers; `signer-1` and so on unless said
 * @throws RangeError for fewer regions than must sign
 */
export function topologyOf(
  regions: readonly string[],
  minSigners: number,
  coordinators = 1,
  names: readonly NodeId[] = regions.map((_, at) => `signer-${at + 1}`),
): Topology {
  if (regions.length < minSigners)
    throw new RangeError(`${minSigners} signers do not fit in ${regions.length} regions`);
  const signers = regions.map((region, at) => ({ name: names[at]!, region, operator: `operator-${at + 1}` }));
  const [region = ""] = regions;
  return {
    minSigners,
    signers,
    coordinators: Array.from({ length: coordinators }, (_, at) => {
      return { name: at === 0 ? "coordinator" : `coordinator-${at + 1}`, region, operator: "operator-1" };
    }),
  };
}

/** The identity of a node or an operator: known from its name, as everything of a simulated network is. */
export type IdentityOf = (name: string) => Identity;

export const realIdentity: IdentityOf = (name) => identityFromSeed(seedOf(name));

/** 32 bytes. */
export function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`simulated ${name}`));
}

/** @param genesis hash of the organisation's first record, hex */
export function networkFileOf(topology: Topology, identityOf: IdentityOf, genesis: string): NetworkFile {
  const publicKey = (name: string) => hex(identityOf(name).publicKey);
  const node = (place: Place, at: number) => ({
    ...place,
    publicKey: publicKey(place.name),
    addresses: [`/ip4/127.0.0.1/tcp/${4000 + at}`],
  });
  const [coordinator, ...further] = topology.coordinators.map(node);
  if (coordinator === undefined) throw new RangeError("a network has a coordinator");
  const operators = [...new Set([...topology.signers, ...topology.coordinators].map((one) => one.operator))];
  return {
    format: 1,
    networkId: "simulated",
    coordinator,
    ...(further.length === 0 ? {} : { coordinators: further }),
    nodes: topology.signers.map((one, at) => node(one, at + 100)),
    operators: operators.map((name) => ({ name, publicKey: publicKey(name) })),
    organisations: [{ genesis }],
    defaults: { minSigners: topology.minSigners, maxSigners: topology.signers.length },
  };
}
