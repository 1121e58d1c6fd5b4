/** The parts one after another, in memory of their own. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lengthOf(parts));
  join(bytes, parts);
  return bytes;
}

/** What `use` makes of the parts one after another; they stand there only meanwhile. */
export function joined<T>(parts: readonly Uint8Array[], use: (bytes: Uint8Array) => T): T {
  return borrowed(lengthOf(parts), (bytes) => join(bytes, parts), use);
}

/** Where inputs of hashes are put together: memory of its own for each takes longer than the hash. */
const scratch = new Uint8Array(4096);
let isLent = false;

/** What `use` makes of `length` bytes that `fill` filled. Only meanwhile: the memory is used again, and wiped, for it may be secret. */
export function borrowed<T>(length: number, fill: (bytes: Uint8Array) => void, use: (bytes: Uint8Array) => T): T {
  const isOwn = isLent || length > scratch.length;
  const bytes = isOwn ? new Uint8Array(length) : scratch.subarray(0, length);
  if (!isOwn) isLent = true;
  try {
    fill(bytes);
    return use(bytes);
  } finally {
    if (!isOwn) {
      bytes.fill(0);
      isLent = false;
    }
  }
}

/** Writes 4 bytes, big-endian. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

function join(bytes: Uint8Array, parts: readonly Uint8Array[]): void {
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
}
