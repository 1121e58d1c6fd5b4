/** Big-endian integer. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  return bytes.length === 0
    ? 0n
    : BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`);
}

/** `value` as `length` bytes, big-endian. @throws Error if it is negative or does not fit */
export function integerToBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, "0");
  if (value < 0n || digits.length > 2 * length) throw new Error(`the integer does not fit in ${length} bytes`);
  return new Uint8Array(Buffer.from(digits, "hex"));
}
