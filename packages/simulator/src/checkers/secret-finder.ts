/** The shortest pattern, bytes. */
const LEAST = 32;

interface Pattern {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Finds secrets in bytes, as they are, backwards, and as hex or base64 of either: in one pass, whose time does not depend on how many
 * secrets there are.
 */
export class SecretFinder {
  /** Whether any pattern begins with these two bytes. */
  readonly #begins = new Uint8Array(1 << 16);
  /** Patterns by their first four bytes. */
  readonly #patterns = new Map<number, Pattern[]>();

  /** @param name what is said when it is found. @param secret 32 bytes */
  add(name: string, secret: Uint8Array): void {
    for (const form of [Buffer.from(secret), Buffer.from(secret.toReversed())]) {
      const texts = [form.toString("hex"), ...base64Of(form)];
      for (const bytes of [form, ...texts.map((text) => Buffer.from(text, "latin1"))]) this.#add({ name, bytes });
    }
  }

  /** The name of a secret that is in there. */
  find(bytes: Uint8Array): string | undefined {
    const begins = this.#begins;
    const end = bytes.length - LEAST;
    let last = bytes[0] ?? 0;
    for (let at = 0; at <= end; at++) {
      const next = bytes[at + 1]!;
      if (begins[(last << 8) | next] === 1) {
        const found = this.#at(bytes, at);
        if (found !== undefined) return found;
      }
      last = next;
    }
    return undefined;
  }

  #at(bytes: Uint8Array, at: number): string | undefined {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const candidates = this.#patterns.get(view.readUInt32BE(0)) ?? [];
    return candidates.find((one) => view.subarray(0, one.bytes.length).equals(one.bytes))?.name;
  }

  #add(pattern: Pattern): void {
    this.#begins[pattern.bytes.readUInt16BE(0)] = 1;
    const first = pattern.bytes.readUInt32BE(0);
    this.#patterns.set(first, [...(this.#patterns.get(first) ?? []), pattern]);
  }
}

/** What stands in base64 of anything that has the secret in it, wherever in it: three ways, and two alphabets. */
function base64Of(secret: Buffer): readonly string[] {
  const aligned = [0, 1, 2].map((skipped) => secret.subarray(skipped, skipped + 30));
  return aligned.flatMap((part) => [...new Set([part.toString("base64"), part.toString("base64url")])]);
}
