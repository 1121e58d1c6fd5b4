// Packed bits: bit b of a string is bit `b % 8` of byte `b / 8`, and on a little-endian machine bit `b % 32` of word `b / 32`.

/** Bit `at` of packed bits. */
export function bitAt(packed: Uint8Array, at: number): 0 | 1 {
  return ((packed[at >> 3]! >> (at & 7)) & 1) as 0 | 1;
}

/** The same memory as words. @param bytes begin at a multiple of four in their buffer */
export function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** The same memory as bytes. */
export function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
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
