const SAMPLES = 8;

/**
 * The shortest of the last eight round trips: what the network takes. A busy process only ever makes one longer, and while it sets itself
 * up it may make most of them; a link that has become slow shows once all eight have met it.
 */
export class Shortest {
  readonly #samples: number[] = [];

  /** @returns the shortest with this sample, milliseconds */
  add(sample: number): number {
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    return Math.min(...this.#samples);
  }
}
