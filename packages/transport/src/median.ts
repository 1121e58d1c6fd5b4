const SAMPLES = 8;

/** The median of the last eight samples. */
export class Median {
  readonly #samples: number[] = [];

  /** @returns the median with this sample */
  add(sample: number): number {
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }
}
