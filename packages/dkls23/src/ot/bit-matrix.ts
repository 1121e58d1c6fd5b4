/** The words of packed bits: bit b of the string is bit `b % 32` of word `b / 32`. Needs a little-endian machine. */
export function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

/** Transposes 32 words as a 32x32 matrix of bits, in place (Hacker's Delight, section 7-3). */
function transposeBlock(block: Uint32Array): void {
  let mask = 0x0000ffff;
  for (let width = 16; width !== 0; width >>= 1, mask ^= mask << width) {
    for (let k = 0; k < 32; k = ((k | width) + 1) & ~width) {
      const swapped = ((block[k]! >>> width) ^ block[k | width]!) & mask;
      block[k] = block[k]! ^ (swapped << width);
      block[k | width] = block[k | width]! ^ swapped;
    }
  }
}

/**
 * The columns of a matrix of bits, one after another.
 *
 * @param rows number of rows, a multiple of 32
 * @param rowWords words of a row
 * @param columns how many columns are wanted, a multiple of 32
 */
export function transpose(matrix: Uint32Array, rows: number, rowWords: number, columns: number): Uint32Array {
  const columnWords = rows / 32;
  const out = new Uint32Array(columns * columnWords);
  const block = new Uint32Array(32);
  for (let row = 0; row < columnWords; row++) {
    for (let column = 0; column < columns / 32; column++) {
      for (let k = 0; k < 32; k++) block[k] = matrix[(row * 32 + k) * rowWords + column]!;
      transposeBlock(block);
      for (let k = 0; k < 32; k++) out[(column * 32 + k) * columnWords + row] = block[k]!;
    }
  }
  block.fill(0);
  return out;
}
