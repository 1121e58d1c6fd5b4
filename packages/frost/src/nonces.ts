import { type Random, Secret } from "@quorate/curves";
import type { Commitment } from "./aggregate/commitment.ts";
import { FrostError } from "./aggregate/error.ts";
import type { KeyShare } from "./key-share.ts";

/** The pair of nonces behind one commitment. For one signature share, ever: taking them wipes them. */
export class Nonces implements Disposable {
  /** What was published; a signing set must show exactly this. */
  readonly commitment: Commitment;
  readonly #hiding: Secret;
  readonly #binding: Secret;
  #gone = false;

  constructor(commitment: Commitment, hiding: Secret, binding: Secret) {
    this.commitment = commitment;
    this.#hiding = hiding;
    this.#binding = binding;
  }

  /**
   * Hands the encoded scalars to `use` and wipes them, whatever `use` does.
   *
   * @throws FrostError `nonces_used` the second time, and after the nonces were disposed of
   */
  take<T>(use: (hiding: Uint8Array, binding: Uint8Array) => T): T {
    if (this.#gone) throw new FrostError("nonces_used", "these nonces were used or wiped");
    this.#gone = true;
    try {
      return use(this.#hiding.expose(), this.#binding.expose());
    } finally {
      this[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#gone = true;
    this.#hiding.wipe();
    this.#binding.wipe();
  }
}

/**
 * Round one (RFC 9591 section 5.1): fresh nonces and the commitment to publish. Needs no message and may be done ahead of
 * time. Hashing the key share in keeps nonces unpredictable when `random` fails.
 *
 * @param random asked for 32 bytes twice: hiding, then binding
 */
export function commit(key: KeyShare, random: Random): { readonly nonces: Nonces; readonly commitment: Commitment } {
  const { suite, identifier } = key;
  const { group } = suite;
  const nonce = () => {
    using seed = new Secret(Buffer.concat([random(32), key.signingShare.expose()]));
    const scalar = suite.H3(seed.expose());
    return { point: group.base(scalar), secret: new Secret(group.encodeScalar(scalar)) };
  };
  const [hiding, binding] = [nonce(), nonce()];
  const commitment: Commitment = {
    identifier,
    hiding: hiding.point,
    binding: binding.point,
    encoded: {
      identifier,
      hiding: group.encodePoint(hiding.point),
      binding: group.encodePoint(binding.point),
    },
  };
  return { nonces: new Nonces(commitment, hiding.secret, binding.secret), commitment };
}
