import { SIGMA } from "./parameters.ts";

/** Words of an element of GF(2^128), least significant first: bit b is the coefficient of `X^b`, modulo `X^128 + X^7 + X^2 + X + 1`. */
export const ELEMENT_WORDS = SIGMA / 32;

/** Challenges are read four bits at a time, from the top. */
const WINDOWS = SIGMA / 4;
/** A block times a polynomial of degree 3 has 131 bits. */
const MULTIPLE_WORDS = ELEMENT_WORDS + 1;
const TABLE_WORDS = 16 * MULTIPLE_WORDS;

/** Where in the tables of a row the multiple stands that each window of each challenge asks for. */
function windowsOf(challenges: Uint32Array, blocks: number): Uint16Array {
  return Uint16Array.from({ length: WINDOWS * blocks }, (_, at) => {
    const window = WINDOWS - 1 - Math.floor(at / blocks);
    const j = at % blocks;
    const digit = (challenges[j * ELEMENT_WORDS + (window >> 3)]! >>> (4 * (window & 7))) & 15;
    return j * TABLE_WORDS + digit * MULTIPLE_WORDS;
  });
}

/** All products of a block with polynomials of degree 3 or less, not reduced: twice a product, and that plus the block. */
function tabulate(table: Uint32Array, start: number, rows: Uint32Array, block: number): void {
  const single = start + MULTIPLE_WORDS;
  for (let at = 0; at < ELEMENT_WORDS; at++) table[single + at] = rows[block + at]!;
  for (let digit = 1; digit < 8; digit++) {
    const from = start + digit * MULTIPLE_WORDS;
    const even = start + 2 * digit * MULTIPLE_WORDS;
    let below = 0;
    for (let at = 0; at < MULTIPLE_WORDS; at++) {
      const word = table[from + at]!;
      const doubled = (word << 1) | (below >>> 31);
      table[even + at] = doubled;
      table[even + MULTIPLE_WORDS + at] = doubled ^ table[single + at]!;
      below = word;
    }
  }
}

/**
 * `w^(m) + sum of challenge_j * w^(j)` in GF(2^128) for every row `w` of m blocks and a tail. Horner's rule over the challenges, which
 * are public: what is done, and which entry of a table is read, depends on them alone, never on the rows.
 *
 * @param rows a tail and as many blocks as there are challenges; an element is 4 words
 */
export function fold(rows: Uint32Array, challenges: Uint32Array): Uint32Array {
  const blocks = challenges.length / ELEMENT_WORDS;
  const rowWords = (blocks + 1) * ELEMENT_WORDS;
  const count = rows.length / rowWords;
  const out = new Uint32Array(count * ELEMENT_WORDS);
  const windows = windowsOf(challenges, blocks);
  const table = new Uint32Array(blocks * TABLE_WORDS);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < blocks; j++) tabulate(table, j * TABLE_WORDS, rows, row * rowWords + j * ELEMENT_WORDS);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let at = 0; at < windows.length; ) {
      // Times X^4, and the four blocks times their digits; what exceeds 128 bits comes back in at X^7 + X^2 + X + 1.
      let over = d >>> 28;
      d = (d << 4) | (c >>> 28);
      c = (c << 4) | (b >>> 28);
      b = (b << 4) | (a >>> 28);
      a <<= 4;
      for (let j = 0; j < blocks; j++) {
        const multiple = windows[at++]!;
        a ^= table[multiple]!;
        b ^= table[multiple + 1]!;
        c ^= table[multiple + 2]!;
        d ^= table[multiple + 3]!;
        over ^= table[multiple + 4]!;
      }
      a ^= over ^ (over << 1) ^ (over << 2) ^ (over << 7);
    }
    const tail = row * rowWords + blocks * ELEMENT_WORDS;
    const end = row * ELEMENT_WORDS;
    out[end] = a ^ rows[tail]!;
    out[end + 1] = b ^ rows[tail + 1]!;
    out[end + 2] = c ^ rows[tail + 2]!;
    out[end + 3] = d ^ rows[tail + 3]!;
  }
  table.fill(0);
  return out;
}
