import { constantTimeEqual, elementGroup, type Random, randomScalar } from "@quorate/curves";
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
import { otParameters } from "./parameters.ts";

/** Alice between her messages. Wiped by `baseAliceFinish`, or when disposed of. */
export interface BaseAlice extends Disposable {
  readonly osid: Uint8Array;
  /** kappa choice bits. */
  readonly choices: Uint8Array;
  /** The chosen key of every instance. */
  readonly keys: Uint8Array;
  /** Bob's, once message 3 is there. */
  readonly challenges: Uint8Array;
}

/** @throws OtFault unless message 1 holds an element other than the identity and a proof that Bob knows its logarithm */
function verify(osid: Uint8Array, context: PokContext, message1: Uint8Array): void {
  const G = elementGroup(context.backend);
  const [A, T, z] = [0, 1, 2].map((at) => part(message1, at)) as [Uint8Array, Uint8Array, Uint8Array];
  let holds: boolean;
  try {
    const right = G.add(T, G.multiply(A, pokChallenge(osid, context, A, T)));
    holds = constantTimeEqual(G.base(SCALARS.decodeScalar(z)), right);
  } catch (error) {
    throw new OtFault((error as Error).message);
  }
  if (!holds) throw new OtFault("the proof of knowledge does not hold");
}

/** Message 2, in answer to 96 bytes: kappa points of 32 bytes, each `b_z * G` or that plus A. @throws OtFault */
export function baseAliceChoose(
  osid: Uint8Array,
  context: PokContext,
  message1: Uint8Array,
  random: Random,
): { state: BaseAlice; message: Uint8Array } {
  verify(osid, context, demand(message1, 3 * POINT_BYTES));
  const A = message1.slice(0, POINT_BYTES);
  const G = elementGroup(context.backend);
  const { kappa, columnBytes } = otParameters(context.backend);
  const choices = Uint8Array.from(random(columnBytes));
  const message = new Uint8Array(kappa * POINT_BYTES);
  const keys = concatenate(kappa, (z) => {
    const b = randomScalar(SCALARS, random);
    const zero = G.base(b);
    const c = bitAt(choices, z);
    const B = select(c, zero, G.add(zero, A));
    message.set(B, z * POINT_BYTES);
    return keyOf(osid, z, c, A, B, G.multiply(A, b));
  });
  const wipe = () => {
    choices.fill(0);
    keys.fill(0);
  };
  const challenges = new Uint8Array(kappa * KEY_BYTES);
  return { state: { osid, choices, keys, challenges, [Symbol.dispose]: wipe }, message };
}

/** Message 4: kappa * 32 bytes that show that Alice knows one key of each instance, not which. @throws OtFault */
export function baseAliceRespond(state: BaseAlice, challenges: Uint8Array): Uint8Array {
  const { osid, choices, keys } = state;
  state.challenges.set(demand(challenges, keys.length));
  return concatenate(instancesOf(state), (z) => {
    const own = h2(osid, z, h1(osid, z, part(keys, z)));
    return select(bitAt(choices, z), own, xor(own, part(challenges, z)));
  });
}

const instancesOf = ({ keys }: BaseAlice) => keys.length / KEY_BYTES;

/**
 * Checks Bob's openings, kappa * 64 bytes, and derives the seeds. A Bob that fails here has learnt choice bits: nothing of this
 * run may be used.
 *
 * @throws OtFault
 */
export function baseAliceFinish(state: BaseAlice, openings: Uint8Array): AliceSeeds {
  const { osid, choices, keys, challenges } = state;
  demand(openings, 2 * keys.length);
  const count = instancesOf(state);
  const own = concatenate(count, (z) => h1(osid, z, part(keys, z)));
  const opened = concatenate(count, (z) => select(bitAt(choices, z), part(openings, 2 * z), part(openings, 2 * z + 1)));
  const challenged = concatenate(count, (z) => {
    return xor(h2(osid, z, part(openings, 2 * z)), h2(osid, z, part(openings, 2 * z + 1)));
  });
  const honest = Number(constantTimeEqual(own, opened)) & Number(constantTimeEqual(challenged, challenges));
  if (honest === 0) throw new OtFault("the openings do not fit the keys and the challenges");
  const seeds = seedsOf(osid, keys, 1);
  const delta = choices.map((byte) => ~byte);
  state[Symbol.dispose]();
  return { delta, seeds };
}
