/** Most integers here are scalars and coordinates of 32 bytes. They pass through this by words; what was in it may be secret and is wiped. */
const four = new Uint8Array(32);
const words = new DataView(four.buffer);

/** Big-endian integer. By words, which takes half the time of a detour through hex; for 32 bytes a sixth. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 32) {
    four.set(bytes);
    const high = (words.getBigUint64(0) << 64n) | words.getBigUint64(8);
    const low = (words.getBigUint64(16) << 64n) | words.getBigUint64(24);
    four.fill(0);
    return (high << 128n) | low;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = bytes.length % 8;
  let value = 0n;
  for (let at = 0; at < first; at++) value = (value << 8n) | BigInt(bytes[at]!);
  for (let at = first; at < bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/** Little-endian integer. */
export function reversedToInteger(bytes: Uint8Array): bigint {
  if (bytes.length % 8 !== 0) return bytesToInteger(bytes.toReversed());
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  for (let at = bytes.length - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}

/** `value` as `length` bytes, big-endian. @throws Error if it is negative or does not fit */
export function integerToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) throw new Error(`the integer does not fit in ${length} bytes`);
  if (length !== 32) return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, "0"), "hex"));
  words.setBigUint64(0, value >> 192n);
  words.setBigUint64(8, value >> 128n);
  words.setBigUint64(16, value >> 64n);
  words.setBigUint64(24, value);
  const bytes = four.slice();
  four.fill(0);
  return bytes;
}
