import { type Backend, elementGroup, H, u32be, u64be } from "@quorate/curves";
import { OT_PROTOCOL } from "../ot/index.ts";
import { otParameters, SIGMA } from "../ot/parameters.ts";

/** The domain of every hash of a setup: it belongs to a pair of nodes, not to a key. */
export const PAIR_DOMAIN = "pair/v1";

/** A node's place in its pair: identities in ascending order of their bytes. */
export type Rank = 1 | 2;

/** Everything about the setup of a pair that both agree on before it starts. Public. */
export interface PairConfig {
  readonly networkId: Uint8Array;
  /** Tells setups of one pair for different uses apart, for instance those of cold keys. */
  readonly pairClass: string;
  /** Counts the setups of this pair. A changed identity needs a new one as well. */
  readonly epoch: number;
  /** Ed25519 identities, 32 bytes each, ascending. */
  readonly identities: readonly [Uint8Array, Uint8Array];
  readonly backend: Backend;
}

/**
 * pairCtx: names the pair, the protocol of its oblivious transfers and all parameters. Also the context of the `Session`, in which
 * participants are the ranks 1 and 2. 32 bytes.
 *
 * @throws RangeError when the configuration contradicts itself
 */
export function pairContext({ networkId, pairClass, epoch, identities, backend }: PairConfig): Uint8Array {
  const [first, second] = identities;
  if (first.length !== 32 || second.length !== 32) throw new RangeError("an identity is 32 bytes");
  if (Buffer.compare(first, second) >= 0) throw new RangeError("the identities of a pair are two, ascending");
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new RangeError(`an epoch is a count, not ${epoch}`);
  const text = (value: string) => new TextEncoder().encode(value);
  const names = [text(OT_PROTOCOL), text(elementGroup(backend).name)];
  const { kappa, xi } = otParameters(backend);
  // The 1 is the binary logarithm of how many seeds a transfer is of.
  const parameters = [kappa, 1, xi, SIGMA];
  const place = [networkId, text(pairClass), first, second, u64be(epoch)];
  return H(PAIR_DOMAIN, "pair/ctx", ...place, ...names, ...parameters.map(u32be));
}

/** The other of the two. */
export function otherRank(rank: Rank): Rank {
  return rank === 1 ? 2 : 1;
}
