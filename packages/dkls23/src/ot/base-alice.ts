import { constantTimeEqual, NativeP256Key, type Point, type Random, randomScalar } from "@quorate/curves";
import {
  type AliceSeeds,
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
  select,
  xor,
} from "./base.ts";
import { bitAt } from "./bit-matrix.ts";
import { COLUMN_BYTES, KAPPA } from "./parameters.ts";

/** Alice between her messages. */
export interface BaseAlice {
  readonly osid: Uint8Array;
  /** The choice bits, packed. */
  readonly choices: Uint8Array;
  /** `K_{z,c_z}` */
  readonly keys: Uint8Array;
  challenges: Uint8Array;
}

function openMessage1(osid: Uint8Array, context: PokContext, message1: Uint8Array): Point {
  demand(message1, 98);
  const encodedA = message1.subarray(0, 33);
  const encodedT = message1.subarray(33, 66);
  try {
    const A = GROUP.decodePoint(encodedA);
    const T = GROUP.decodePoint(encodedT);
    const z = GROUP.decodeScalar(message1.subarray(66));
    const c = pokChallenge(osid, context, encodedA, encodedT);
    if (GROUP.equals(GROUP.base(z), GROUP.add(T, GROUP.multiply(A, c)))) return A;
  } catch (error) {
    throw new OtFault((error as Error).message);
  }
  throw new OtFault("the proof of knowledge is wrong");
}

/** Message 2: 256 points of 33 bytes, `b_z * G` or that plus A. @throws OtFault */
export function baseAliceChoose(
  osid: Uint8Array,
  context: PokContext,
  message1: Uint8Array,
  random: Random,
): { state: BaseAlice; message: Uint8Array } {
  const A = openMessage1(osid, context, message1);
  const encodedA = message1.slice(0, 33);
  const choices = Uint8Array.from(random(COLUMN_BYTES));
  const keys = new Uint8Array(KAPPA * KEY_BYTES);
  const message = forEachInstance((z) => {
    const key = new NativeP256Key(randomScalar(GROUP, random));
    const zero = key.publicKey();
    const one = GROUP.encodePoint(GROUP.add(GROUP.decodePoint(zero), A));
    const c = bitAt(choices, z);
    const B = select(c, zero, one);
    keys.set(keyOf(osid, z, c, encodedA, B, key.sharedX(encodedA)), z * KEY_BYTES);
    return B;
  }, 33);
  return { state: { osid, choices, keys, challenges: new Uint8Array() }, message };
}

/** Message 4: 256 * 32 bytes that show that Alice knows one key of each instance, not which. @throws OtFault */
export function baseAliceRespond(state: BaseAlice, challenges: Uint8Array): Uint8Array {
  const { osid, choices, keys } = state;
  state.challenges = demand(challenges, KAPPA * KEY_BYTES).slice();
  return forEachInstance((z) => {
    const own = h2(osid, z, h1(osid, z, part(keys, z)));
    return select(bitAt(choices, z), own, xor(own, part(state.challenges, z)));
  });
}

/** Checks Bob's openings and derives the seeds. @throws OtFault */
export function baseAliceFinish(state: BaseAlice, openings: Uint8Array): AliceSeeds {
  const { osid, choices, keys, challenges } = state;
  demand(openings, 2 * KAPPA * KEY_BYTES);
  const own = forEachInstance((z) => h1(osid, z, part(keys, z)));
  const opened = forEachInstance((z) => select(bitAt(choices, z), part(openings, 2 * z), part(openings, 2 * z + 1)));
  const challenged = forEachInstance((z) =>
    xor(h2(osid, z, part(openings, 2 * z)), h2(osid, z, part(openings, 2 * z + 1))),
  );
  const honest = Number(constantTimeEqual(own, opened)) & Number(constantTimeEqual(challenged, challenges));
  if (honest === 0) throw new OtFault("the openings do not fit the challenges");
  const seeds = forEachInstance((z) => seedOf(osid, z, part(keys, z)));
  keys.fill(0);
  return { delta: choices.map((byte) => ~byte), seeds };
}
