import { BLOCKS, SIGMA } from "./parameters.ts";

/** Words of an element of GF(2^128), least significant first: bit b is the coefficient of `X^b`, modulo `X^128 + X^7 + X^2 + X + 1`. */
export const ELEMENT_WORDS = SIGMA / 32;
const ROW_WORDS = (BLOCKS + 1) * ELEMENT_WORDS;

/**
 * `w^(m) + sum of challenge_j * w^(j)` in GF(2^128) for every row `w` of m blocks and a tail. Horner's rule over the bits of the
 * challenges, which are public: what is done depends on them alone, never on the rows.
 *
 * @param rows 20 words each
 * @param challenges 4 elements
 */
export function fold(rows: Uint32Array, challenges: Uint32Array): Uint32Array {
  const count = rows.length / ROW_WORDS;
  const out = new Uint32Array(count * ELEMENT_WORDS);
  for (let row = 0; row < count; row++) {
    const at = row * ROW_WORDS;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let bit = SIGMA - 1; bit >= 0; bit--) {
      const carry = d >>> 31;
      d = (d << 1) | (c >>> 31);
      c = (c << 1) | (b >>> 31);
      b = (b << 1) | (a >>> 31);
      a = (a << 1) ^ (0x87 & -carry);
      for (let j = 0; j < BLOCKS; j++) {
        if (((challenges[j * ELEMENT_WORDS + (bit >> 5)]! >>> (bit & 31)) & 1) === 0) continue;
        const block = at + j * ELEMENT_WORDS;
        a ^= rows[block]!;
        b ^= rows[block + 1]!;
        c ^= rows[block + 2]!;
        d ^= rows[block + 3]!;
      }
    }
    const tail = at + BLOCKS * ELEMENT_WORDS;
    const end = row * ELEMENT_WORDS;
    out[end] = a ^ rows[tail]!;
    out[end + 1] = b ^ rows[tail + 1]!;
    out[end + 2] = c ^ rows[tail + 2]!;
    out[end + 3] = d ^ rows[tail + 3]!;
  }
  return out;
}
