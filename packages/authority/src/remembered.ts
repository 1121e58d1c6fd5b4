/** How many results are kept, and of texts up to which length. */
const SIZE = 64;
const MAX_LENGTH = 16_384;

/**
 * A pure function of a text that keeps its last results: coordinator and signers read one challenge several times for one request. What
 * throws is not kept. Results are shared: nobody may change them.
 */
export function remembered<T extends object | string>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = read(text);
    if (text.length > MAX_LENGTH) return result;
    if (known.size >= SIZE) known.delete(known.keys().next().value!);
    known.set(text, result);
    return result;
  };
}
