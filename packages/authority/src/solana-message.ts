import { Reader } from "@quorate/curves";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const VERSIONED = 0x80;

/** A count in Solana's compact form: 7 bits a byte, low bits first, in as few bytes as possible, at most 65535. */
function compact(from: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = from.uint(1);
    value |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    return value > 0xffff || (byte === 0 && shift > 0) ? from.fail("not a compact count") : value;
  }
  return from.fail("a count of more than 3 bytes");
}

function skipBytes(from: Reader): void {
  from.take(compact(from));
}

/** program index, account indices, data */
function skipInstruction(from: Reader): void {
  from.take(1);
  skipBytes(from);
  skipBytes(from);
}

/** table address, indices to write, indices to read */
function skipLookup(from: Reader): void {
  from.take(KEY_BYTES);
  skipBytes(from);
  skipBytes(from);
}

function times(count: number, act: () => void): void {
  for (let done = 0; done < count; done++) act();
}

/**
 * The public keys that have to sign a message, in order: the first accounts, as many as its header says. Walks the whole
 * message, legacy or version 0, so that nothing else passes for one.
 *
 * @returns 32 bytes each, at least one, all different
 * @throws DecodeError
 */
export function requiredSigners(message: Uint8Array): readonly Uint8Array[] {
  const from = new Reader(message);
  const first = from.uint(1);
  const isVersioned = first >= VERSIONED;
  if (isVersioned && first !== VERSIONED) from.fail(`version ${first - VERSIONED} of messages is not known`);
  const signerCount = isVersioned ? from.uint(1) : first;
  const [readonlySigners, readonlyOthers] = [from.uint(1), from.uint(1)];
  const accountCount = compact(from);
  if (readonlySigners >= signerCount || signerCount + readonlyOthers > accountCount) from.fail("counts contradict");
  const accounts = Array.from({ length: accountCount }, () => from.take(KEY_BYTES));
  from.take(KEY_BYTES); // a recent block hash, or a nonce
  times(compact(from), () => skipInstruction(from));
  if (isVersioned) times(compact(from), () => skipLookup(from));
  from.end();
  const signers = accounts.slice(0, signerCount);
  if (new Set(signers.map(String)).size !== signerCount) from.fail("a signer is named twice");
  return signers;
}

/** A transaction as it goes over the wire: a count, 64 bytes of signature per signer (zeros where missing), the message. */
export interface WireTransaction {
  readonly signers: readonly Uint8Array[];
  readonly message: Uint8Array;
  readonly bytes: Uint8Array;
}

/** @throws DecodeError unless `bytes` are exactly one wire transaction */
export function readWire(bytes: Uint8Array): WireTransaction {
  const count = new Reader(bytes).uint(1); // 4096 bytes hold fewer signatures than a second byte of count begins at
  const message = bytes.subarray(1 + count * SIGNATURE_BYTES);
  const signers = requiredSigners(message);
  if (signers.length !== count) new Reader(bytes).fail(`${count} signatures for ${signers.length} signers`);
  return { signers, message, bytes };
}

/** The wire form of a message that nobody has signed. @throws DecodeError unless `message` is exactly one message */
export function wireOf(message: Uint8Array): WireTransaction {
  const signers = requiredSigners(message);
  const bytes = new Uint8Array(1 + signers.length * SIGNATURE_BYTES + message.length);
  bytes[0] = signers.length;
  bytes.set(message, bytes.length - message.length);
  return { signers, message, bytes };
}

/** A copy of the wire form with the signature of signer number `at` in its place. */
export function withSignature({ bytes }: WireTransaction, at: number, signature: Uint8Array): Uint8Array {
  const signed = Uint8Array.from(bytes);
  signed.set(signature, 1 + at * SIGNATURE_BYTES);
  return signed;
}
