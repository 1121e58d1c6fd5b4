import { constantTimeEqual, type ElementGroup, elementGroup, type Random, randomScalar } from "@quorate/curves";
import {
  type BobSeeds,
  concatenate,
  demand,
  h1,
  h2,
  KEY_BYTES,
  keyOf,
  OtFault,
  POINT_BYTES,
  type PokContext,
  part,
  pokChallenge,
  SCALARS,
  seedsOf,
  xor,
} from "./base.ts";
import { otParameters } from "./parameters.ts";

/** Bob between his messages. Wiped by `baseBobOpen`, or when disposed of. */
export interface BaseBob extends Disposable {
  readonly osid: Uint8Array;
  readonly group: ElementGroup;
  readonly a: bigint;
  readonly A: Uint8Array;
  /** Both keys of every instance, once message 2 is there. */
  readonly keys: Uint8Array;
  /** The first hash of each. */
  readonly opened: Uint8Array;
}

/** Message 1: A, and the proof that Bob knows its discrete logarithm: T and z. 96 bytes. */
export function baseBobStart(
  osid: Uint8Array,
  context: PokContext,
  random: Random,
): { state: BaseBob; message: Uint8Array } {
  const group = elementGroup(context.backend);
  const a = randomScalar(SCALARS, random);
  const k = randomScalar(SCALARS, random);
  const A = group.base(a);
  const T = group.base(k);
  const z = SCALARS.mod(k + pokChallenge(osid, context, A, T) * a);
  const keys = new Uint8Array(2 * otParameters(context.backend).kappa * KEY_BYTES);
  const state = { osid, group, a, A, keys, opened: keys.slice(), [Symbol.dispose]: () => void keys.fill(0) };
  return { state, message: Uint8Array.of(...A, ...T, ...SCALARS.encodeScalar(z)) };
}

/** The peer's points, all different and none A. @throws OtFault */
function separate(message2: Uint8Array, A: Uint8Array): readonly Uint8Array[] {
  const count = message2.length / POINT_BYTES;
  const points = Array.from({ length: count }, (_, z) => part(message2, z, POINT_BYTES));
  const different = new Set([A, ...points].map((one) => Buffer.from(one).toString("hex")));
  if (different.size !== count + 1) throw new OtFault("a point is another's, or A");
  return points;
}

/** `a * B` and `a * (B - A)`. @throws OtFault unless B is an element other than the identity */
function sharedPoints({ group, a }: BaseBob, B: Uint8Array, aA: Uint8Array): readonly [Uint8Array, Uint8Array] {
  try {
    const aB = group.multiply(B, a);
    return [aB, group.subtract(aB, aA)];
  } catch (error) {
    throw new OtFault((error as Error).message);
  }
}

/** How many transfers there are: of each, `keys` has two. */
const instancesOf = ({ keys }: BaseBob) => keys.length / (2 * KEY_BYTES);

/** Message 3, from the peer's kappa points of 32 bytes: kappa challenges of 32 bytes. @throws OtFault */
export function baseBobChallenge(state: BaseBob, message2: Uint8Array): Uint8Array {
  const { osid, group, a, A, keys, opened } = state;
  const count = instancesOf(state);
  const points = separate(demand(message2, count * POINT_BYTES), A);
  const aA = group.multiply(A, a);
  return concatenate(count, (z) => {
    const B = points[z]!;
    const hashes = sharedPoints(state, B, aA).map((P, e) => {
      const key = keyOf(osid, z, e === 0 ? 0 : 1, A, B, P);
      const first = h1(osid, z, key);
      keys.set(key, (2 * z + e) * KEY_BYTES);
      opened.set(first, (2 * z + e) * KEY_BYTES);
      return h2(osid, z, first);
    });
    return xor(hashes[0]!, hashes[1]!);
  });
}

/** Message 5, kappa * 64 bytes, after the peer has shown that it knows one key of each instance. @throws OtFault */
export function baseBobOpen(state: BaseBob, responses: Uint8Array): { message: Uint8Array; seeds: BobSeeds } {
  const { osid, keys, opened } = state;
  const count = instancesOf(state);
  const expected = concatenate(count, (z) => h2(osid, z, part(opened, 2 * z)));
  if (!constantTimeEqual(demand(responses, count * KEY_BYTES), expected)) throw new OtFault("a response is wrong");
  const seeds = seedsOf(osid, keys, 2);
  keys.fill(0);
  return { message: opened, seeds: { seeds } };
}
