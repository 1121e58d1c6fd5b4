import type { Identity, Random } from "@quorate/curves";
import type { Protocol } from "@quorate/protocol";
import type { refreshConfig } from "./config.ts";
import { runOf } from "./keygen.ts";
import type { KeyShare } from "./share.ts";
import { chainHashOf } from "./transcript.ts";

/**
 * Gives all holders of a key new shares of the same secret: the rounds of `keygen` with polynomials that are zero at 0, whose
 * constant term is neither shown nor dealt. Public key and chain code stay; shares of the two epochs do not fit together.
 * An adversary may hold t-1 shares of each epoch; whoever is corrupted during the run counts in both.
 *
 * At its checkpoint it hands out the new share's record, which is to be kept beside the old one: the old share is erased only
 * once the certificate is complete.
 *
 * The `Session` that drives it takes `keygenContext` and `keygenRounds` of `refreshConfig(held, group, executionId, newEpoch)`.
 *
 * @param config as `refreshConfig` makes it of the key that `held` is a share of
 * @throws RangeError when it is that of another key
 */
export function refresh(
  config: ReturnType<typeof refreshConfig>,
  held: Pick<KeyShare, "keyId" | "epoch" | "identifier" | "signingShare" | "chainCode">,
  identity: Identity,
  random: Random,
): Protocol<KeyShare> {
  const { origin, group } = config;
  const isOf =
    origin.kind === "refresh" && origin.epoch === held.epoch && Buffer.compare(origin.keyId, held.keyId) === 0;
  if (!isOf) throw new RangeError("the share is that of another key or epoch");
  if (Buffer.compare(chainHashOf(config.suite, held.chainCode.expose()), origin.chainHash) !== 0)
    throw new RangeError("the chain code is that of another key");
  const share = group.decodeScalar(held.signingShare.expose());
  return runOf(config, held.identifier, identity, random, { share, chainCode: held.chainCode });
}
