import { bytesToInteger, type Group } from "@quorate/curves";
import type { EcdsaShare } from "../aggregate/share.ts";
import type { Presignature } from "../presign/presignature.ts";

/**
 * This signer's share of the signature of a digest: `u_i`, and `w_i = h * phi_i + r * v_i` (DKLs23, eprint 2023/765, protocol
 * 3.6, last message). The presignature is spent by it, also when it throws: one that was asked for a digest may not see another.
 *
 * @param digest 32 bytes. Not of the asker's choice: with R known before it is chosen, one signature on a chosen digest is a forgery
 * of another
 * @throws SpentPresignature the second time
 * @throws RangeError at another group or length
 */
export function signShare(group: Group, presignature: Presignature, digest: Uint8Array): EcdsaShare {
  return presignature.take(({ phi, u, v }) => {
    if (group.name !== presignature.group) throw new RangeError(`this presignature is of ${presignature.group}`);
    if (digest.length !== 32) throw new RangeError(`a digest is 32 bytes, not ${digest.length}`);
    const h = group.mod(bytesToInteger(digest));
    const r = group.mod(bytesToInteger(presignature.bigR.subarray(1)));
    const w = group.mod(h * group.decodeScalar(phi) + r * group.decodeScalar(v));
    return { u: u.slice(), w: group.encodeScalar(w) };
  });
}
