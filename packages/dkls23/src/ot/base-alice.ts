import { constantTimeEqual, type Random, randomScalar, ristretto255 } from "@quorate/curves";
import {
  type AliceSeeds,
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
  select,
  xor,
} from "./base.ts";
import { bitAt } from "./bit-matrix.ts";
import { COLUMN_BYTES, KAPPA } from "./parameters.ts";

/** Alice between her messages. Wiped by `baseAliceFinish`, or when disposed of. */
export interface BaseAlice extends Disposable {
  readonly osid: Uint8Array;
  /** 256 choice bits. */
  readonly choices: Uint8Array;
  /** The chosen key of every instance. */
  readonly keys: Uint8Array;
  /** Bob's, once message 3 is there. */
  readonly challenges: Uint8Array;
}

/** @throws OtFault unless message 1 holds an element other than the identity and a proof that Bob knows its logarithm */
function verify(osid: Uint8Array, context: PokContext, message1: Uint8Array): void {
  const [A, T, z] = [0, 1, 2].map((at) => part(message1, at)) as [Uint8Array, Uint8Array, Uint8Array];
  let holds: boolean;
  try {
    const right = ristretto255.add(T, ristretto255.multiply(A, pokChallenge(osid, context, A, T)));
    holds = constantTimeEqual(ristretto255.base(SCALARS.decodeScalar(z)), right);
  } catch (error) {
    throw new OtFault((error as Error).message);
  }
  if (!holds) throw new OtFault("the proof of knowledge does not hold");
}

/** Message 2, in answer to 96 bytes: 256 points of 32 bytes, each `b_z * G` or that plus A. @throws OtFault */
export function baseAliceChoose(
  osid: Uint8Array,
  context: PokContext,
  message1: Uint8Array,
  random: Random,
): { state: BaseAlice; message: Uint8Array } {
  verify(osid, context, demand(message1, 3 * POINT_BYTES));
  const A = message1.slice(0, POINT_BYTES);
  const choices = Uint8Array.from(random(COLUMN_BYTES));
  const message = new Uint8Array(KAPPA * POINT_BYTES);
  const keys = concatenate((z) => {
    const b = randomScalar(SCALARS, random);
    const zero = ristretto255.base(b);
    const c = bitAt(choices, z);
    const B = select(c, zero, ristretto255.add(zero, A));
    message.set(B, z * POINT_BYTES);
    return keyOf(osid, z, c, A, B, ristretto255.multiply(A, b));
  });
  const wipe = () => {
    choices.fill(0);
    keys.fill(0);
  };
  const challenges = new Uint8Array(KAPPA * KEY_BYTES);
  return { state: { osid, choices, keys, challenges, [Symbol.dispose]: wipe }, message };
}

/** Message 4: 256 * 32 bytes that show that Alice knows one key of each instance, not which. @throws OtFault */
export function baseAliceRespond(state: BaseAlice, challenges: Uint8Array): Uint8Array {
  const { osid, choices, keys } = state;
  state.challenges.set(demand(challenges, KAPPA * KEY_BYTES));
  return concatenate((z) => {
    const own = h2(osid, z, h1(osid, z, part(keys, z)));
    return select(bitAt(choices, z), own, xor(own, part(challenges, z)));
  });
}

/**
 * Checks Bob's openings, 256 * 64 bytes, and derives the seeds. A Bob that fails here has learnt choice bits: nothing of this
 * run may be used.
 *
 * @throws OtFault
 */
export function baseAliceFinish(state: BaseAlice, openings: Uint8Array): AliceSeeds {
  const { osid, choices, keys, challenges } = state;
  demand(openings, 2 * KAPPA * KEY_BYTES);
  const own = concatenate((z) => h1(osid, z, part(keys, z)));
  const opened = concatenate((z) => select(bitAt(choices, z), part(openings, 2 * z), part(openings, 2 * z + 1)));
  const challenged = concatenate((z) => {
    return xor(h2(osid, z, part(openings, 2 * z)), h2(osid, z, part(openings, 2 * z + 1)));
  });
  const honest = Number(constantTimeEqual(own, opened)) & Number(constantTimeEqual(challenged, challenges));
  if (honest === 0) throw new OtFault("the openings do not fit the keys and the challenges");
  const seeds = seedsOf(osid, keys, 1);
  const delta = choices.map((byte) => ~byte);
  state[Symbol.dispose]();
  return { delta, seeds };
}
