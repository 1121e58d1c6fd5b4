import { type Group, H, u32be, u64be } from "@quorate/curves";
import { ordered, type Participant } from "@quorate/protocol";

/** Everything about a key generation that its participants agree on before it starts. Public. */
export interface KeygenConfig {
  /** Name of the key's kind, such as `taproot`: the domain of every hash, so that keys of two kinds never meet. At most 32 bytes. */
  readonly suite: string;
  readonly group: Group;
  /** 16 random bytes, never used twice. */
  readonly executionId: Uint8Array;
  /** How many participants sign: 2..n. */
  readonly minSigners: number;
  readonly participants: readonly Participant[];
}

const ZERO = new Uint8Array(32);

/**
 * Checks a configuration.
 *
 * @returns the same with participants ascending
 * @throws RangeError saying what is wrong
 */
export function checked(config: KeygenConfig): KeygenConfig {
  const participants = ordered(config.participants);
  const { minSigners, executionId } = config;
  if (!Number.isInteger(minSigners) || minSigners < 2 || minSigners > participants.length) {
    throw new RangeError(`minSigners ${minSigners} is not within 2..${participants.length}`);
  }
  if (executionId.length !== 16) throw new RangeError("an execution id is 16 bytes");
  return { ...config, participants };
}

/**
 * The context of the run: its hashes, its proofs and every signed frame are bound to it. The two zeros and the epoch stand
 * where a later refresh names the key that it renews. 32 bytes.
 */
export function keygenContext(config: KeygenConfig): Uint8Array {
  const { suite, minSigners, participants, executionId } = checked(config);
  const members = participants.map((one) => Buffer.concat([u32be(one.identifier), one.publicKey]));
  const operation = new TextEncoder().encode("dkg");
  return H(suite, "ctx", ZERO, u64be(0), ZERO, u32be(minSigners), ...members, operation, executionId);
}
