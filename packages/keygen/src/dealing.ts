import { type Point, type Random, randomScalar, Secret } from "@quorate/curves";
import { coefficientCount, type KeygenConfig } from "./config.ts";

/**
 * What one participant contributes to a key: its polynomial, its part of the chain code, and the salts that hide both until
 * they are opened. Wiped at the end of the run (the coefficients are bigints: they can only be let go).
 */
export class Dealing implements Disposable {
  /** 32 bytes, public. */
  readonly nonce: Uint8Array;
  /** f, constant term first; `minSigners` coefficients, none of them zero but the first where the run starts from a key. */
  readonly coefficients: bigint[];
  /** F[k] = f[k] * G, without the constant term where that is zero. */
  readonly commitments: readonly Point[];
  readonly salt: Uint8Array;
  readonly chainPart: Secret;
  readonly chainSalt: Uint8Array;

  constructor(config: KeygenConfig, random: Random) {
    const { group, origin } = config;
    this.nonce = random(32);
    const shown = Array.from({ length: coefficientCount(config) }, () => randomScalar(group, random));
    this.coefficients = origin === undefined ? shown : [0n, ...shown];
    this.commitments = shown.map((one) => group.base(one));
    this.salt = random(32);
    this.chainPart = new Secret(random(32));
    this.chainSalt = random(32);
  }

  [Symbol.dispose](): void {
    this.coefficients.length = 0;
    this.chainPart.wipe();
  }
}
