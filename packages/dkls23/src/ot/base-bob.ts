import { constantTimeEqual, NativeP256Key, type Point, type Random, randomScalar } from "@quorate/curves";
import {
  type BobSeeds,
  demand,
  forEachInstance,
  GROUP,
  h1,
  h2,
  KEY_BYTES,
  keyOf,
  OtFault,
  type PokContext,
  part,
  pokChallenge,
  seedOf,
  xor,
} from "./base.ts";
import { KAPPA } from "./parameters.ts";

/** Bob between his messages. */
export interface BaseBob {
  readonly osid: Uint8Array;
  readonly key: NativeP256Key;
  readonly A: Point;
  readonly encodedA: Uint8Array;
  /** `K_{z,0} || K_{z,1}`, empty before message 2. */
  keys: Uint8Array;
}

/** Message 1: A, 33 bytes, and the proof that Bob knows its discrete logarithm: T, 33 bytes, and z, 32 bytes. */
export function baseBobStart(
  osid: Uint8Array,
  context: PokContext,
  random: Random,
): { state: BaseBob; message: Uint8Array } {
  const a = randomScalar(GROUP, random);
  const k = randomScalar(GROUP, random);
  const A = GROUP.base(a);
  const encodedA = GROUP.encodePoint(A);
  const T = GROUP.encodePoint(GROUP.base(k));
  const z = GROUP.mod(k + pokChallenge(osid, context, encodedA, T) * a);
  const message = Uint8Array.of(...encodedA, ...T, ...GROUP.encodeScalar(z));
  return { state: { osid, key: new NativeP256Key(a), A, encodedA, keys: new Uint8Array() }, message };
}

function points(message: Uint8Array, A: Point): readonly Point[] {
  const seen = new Set<string>();
  return Array.from({ length: KAPPA }, (_, z) => {
    const encoded = part(message, z, GROUP.pointLength);
    try {
      seen.add(Buffer.from(encoded).toString("hex"));
      const B = GROUP.decodePoint(encoded);
      // B = -A as well: an honest peer meets neither, and the subtraction below needs no case for it.
      if (GROUP.equals(B, A) || GROUP.equals(B, GROUP.negate(A))) throw new Error("the point is A or its negative");
      if (seen.size !== z + 1) throw new Error("the point came before");
      return B;
    } catch (error) {
      throw new OtFault(`instance ${z}: ${(error as Error).message}`);
    }
  });
}

/** Message 3, from the peer's 256 points: 256 challenges of 32 bytes. @throws OtFault */
export function baseBobChallenge(state: BaseBob, message2: Uint8Array): Uint8Array {
  const { osid, key, A, encodedA } = state;
  const Bs = points(demand(message2, KAPPA * GROUP.pointLength), A);
  state.keys = new Uint8Array(2 * KAPPA * KEY_BYTES);
  for (const [z, B] of Bs.entries()) {
    const encoded = part(message2, z, GROUP.pointLength);
    const shifted = GROUP.encodePoint(GROUP.subtract(B, A));
    state.keys.set(keyOf(osid, z, 0, encodedA, encoded, key.sharedX(encoded)), 2 * z * KEY_BYTES);
    state.keys.set(keyOf(osid, z, 1, encodedA, encoded, key.sharedX(shifted)), (2 * z + 1) * KEY_BYTES);
  }
  const { keys } = state;
  return forEachInstance((z) =>
    xor(h2(osid, z, h1(osid, z, part(keys, 2 * z))), h2(osid, z, h1(osid, z, part(keys, 2 * z + 1)))),
  );
}

/** Message 5, 256 * 64 bytes, after the peer has shown that it knows one key of each instance. @throws OtFault */
export function baseBobOpen(state: BaseBob, responses: Uint8Array): { message: Uint8Array; seeds: BobSeeds } {
  const { osid, keys } = state;
  const expected = forEachInstance((z) => h2(osid, z, h1(osid, z, part(keys, 2 * z))));
  if (!constantTimeEqual(demand(responses, KAPPA * KEY_BYTES), expected)) throw new OtFault("a response is wrong");
  const message = forEachInstance(
    (z) => Uint8Array.of(...h1(osid, z, part(keys, 2 * z)), ...h1(osid, z, part(keys, 2 * z + 1))),
    2 * KEY_BYTES,
  );
  const seeds = forEachInstance(
    (z) => Uint8Array.of(...seedOf(osid, z, part(keys, 2 * z)), ...seedOf(osid, z, part(keys, 2 * z + 1))),
    2 * KEY_BYTES,
  );
  keys.fill(0);
  return { message, seeds: { seeds } };
}
