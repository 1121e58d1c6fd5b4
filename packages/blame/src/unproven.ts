/** Evidence does not prove what it says. */
export class Unproven extends Error {
  override readonly name = "Unproven";
}

/** @throws Unproven unless it holds */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Unproven(otherwise);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
