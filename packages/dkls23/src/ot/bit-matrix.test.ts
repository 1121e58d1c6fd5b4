import fc from "fast-check";
import { expect, test } from "vitest";
import { bitAt, bytesOf, transpose, words } from "./bit-matrix.ts";

test("the transpose is what a loop over the bits makes, and only of the columns that are wanted", () => {
  const shape = fc.record({
    rows: fc.constantFrom(32, 64, 256),
    rowWords: fc.integer({ min: 1, max: 5 }),
    seed: fc.infiniteStream(fc.integer()),
  });
  fc.assert(
    fc.property(shape, fc.nat(), ({ rows, rowWords, seed }, pick) => {
      const matrix = Uint32Array.from({ length: rows * rowWords }, () => seed.next().value);
      const columns = 32 * (1 + (pick % rowWords));
      const before = bytesOf(matrix).slice();
      const transposed = bytesOf(transpose(matrix, rows, rowWords, columns));
      expect(transposed).toHaveLength((columns * rows) / 8);
      const wrong: string[] = [];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const bit = bitAt(before, row * 32 * rowWords + column);
          if (bitAt(transposed, column * rows + row) !== bit) wrong.push(`${row}, ${column}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(bytesOf(matrix)).toEqual(before);
    }),
    { numRuns: 30 },
  );
});

test("bit b of bytes is bit b of their words", () => {
  const bytes = Uint8Array.of(0, 0, 0, 0, 1, 0, 0x80, 0);
  expect([31, 32, 33, 55].map((at) => bitAt(bytes, at))).toEqual([0, 1, 0, 1]);
  expect([...words(bytes)]).toEqual([0, 1 + 2 ** 23]);
  expect(bytesOf(words(bytes))).toEqual(bytes);
});
