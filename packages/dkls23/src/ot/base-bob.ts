import {
  compressP256,
  constantTimeEqual,
  decompressP256,
  NativeP256Key,
  negateP256,
  type Random,
  randomScalar,
  translateP256,
} from "@quorate/curves";
import {
  type BobSeeds,
  concatenate,
  demand,
  GROUP,
  h1,
  h2,
  KEY_BYTES,
  keyOf,
  OtFault,
  POINT_BYTES,
  type PokContext,
  part,
  pokChallenge,
  seedOf,
  xor,
} from "./base.ts";
import { KAPPA } from "./parameters.ts";

/** Bob between his messages. Wiped by `baseBobOpen`, or when disposed of. */
export interface BaseBob extends Disposable {
  readonly osid: Uint8Array;
  readonly a: NativeP256Key;
  /** Both keys of every instance, once message 2 is there. */
  readonly keys: Uint8Array;
  /** The first hash of each. */
  readonly opened: Uint8Array;
}

/** Message 1: A, 33 bytes, and the proof that Bob knows its discrete logarithm: T, 33 bytes, and z, 32 bytes. */
export function baseBobStart(
  osid: Uint8Array,
  context: PokContext,
  random: Random,
): { state: BaseBob; message: Uint8Array } {
  const a = randomScalar(GROUP, random);
  const k = randomScalar(GROUP, random);
  const key = new NativeP256Key(a);
  const A = compressP256(key.publicKey());
  const T = compressP256(new NativeP256Key(k).publicKey());
  const z = GROUP.mod(k + pokChallenge(osid, context, A, T) * a);
  const keys = new Uint8Array(2 * KAPPA * KEY_BYTES);
  const state = { osid, a: key, keys, opened: keys.slice(), [Symbol.dispose]: () => void keys.fill(0) };
  return { state, message: Uint8Array.of(...A, ...T, ...GROUP.encodeScalar(z)) };
}

/** The peer's points, uncompressed, and each less A. The identity has no encoding in 33 bytes. */
function decodePoints(message2: Uint8Array, A: Uint8Array): readonly (readonly [B: Uint8Array, shifted: Uint8Array])[] {
  const encoded = Array.from({ length: KAPPA }, (_, z) => part(message2, z, POINT_BYTES));
  if (new Set(encoded.map((one) => Buffer.from(one).toString("hex"))).size !== KAPPA)
    throw new OtFault("a point appears twice");
  try {
    const points = encoded.map(decompressP256);
    // Refuses A, for which B - A is the identity; and with it -A, which an honest peer meets as rarely.
    const shifted = translateP256(points, negateP256(A));
    return points.map((B, z) => [B, shifted[z]!]);
  } catch (error) {
    throw new OtFault((error as Error).message);
  }
}

/** Message 3, from the peer's 256 points of 33 bytes: 256 challenges of 32 bytes. @throws OtFault */
export function baseBobChallenge(state: BaseBob, message2: Uint8Array): Uint8Array {
  const { osid, a, keys, opened } = state;
  const A = a.publicKey();
  const encodedA = compressP256(A);
  const points = decodePoints(demand(message2, KAPPA * POINT_BYTES), A);
  return concatenate((z) => {
    const encoded = part(message2, z, POINT_BYTES);
    const hashes = points[z]!.map((P, e) => {
      const key = keyOf(osid, z, e === 0 ? 0 : 1, encodedA, encoded, a.sharedX(P));
      const first = h1(osid, z, key);
      keys.set(key, (2 * z + e) * KEY_BYTES);
      opened.set(first, (2 * z + e) * KEY_BYTES);
      return h2(osid, z, first);
    });
    return xor(hashes[0]!, hashes[1]!);
  });
}

/** Message 5, 256 * 64 bytes, after the peer has shown that it knows one key of each instance. @throws OtFault */
export function baseBobOpen(state: BaseBob, responses: Uint8Array): { message: Uint8Array; seeds: BobSeeds } {
  const { osid, keys, opened } = state;
  const expected = concatenate((z) => h2(osid, z, part(opened, 2 * z)));
  if (!constantTimeEqual(demand(responses, KAPPA * KEY_BYTES), expected)) throw new OtFault("a response is wrong");
  const seeds = concatenate((z) => {
    return Uint8Array.of(...seedOf(osid, z, part(keys, 2 * z)), ...seedOf(osid, z, part(keys, 2 * z + 1)));
  }, 2 * KEY_BYTES);
  keys.fill(0);
  return { message: opened, seeds: { seeds } };
}
