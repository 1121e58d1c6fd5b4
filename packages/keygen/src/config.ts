import { type Group, H, type Point, u32be, u64be } from "@quorate/curves";
import { ordered, type Participant } from "@quorate/protocol";
import type { GroupKey } from "./group-key.ts";
import { encodePoints } from "./points.ts";

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
  /** What the run starts from, when it does not make a new secret: every polynomial is then zero at 0. */
  readonly origin?: Origin;
}

/** A key that gets new shares, or one that comes from elsewhere and gets shares that its bringer does not know. */
export type Origin =
  | {
      readonly kind: "refresh";
      readonly keyId: Uint8Array;
      /** Of the shares that the run starts from. */
      readonly epoch: number;
      /** Of the shares that it makes; higher. */
      readonly newEpoch: number;
      /** F[0..minSigners-1] of the shares that the run starts from. */
      readonly groupCommitment: readonly Point[];
      readonly chainHash: Uint8Array;
    }
  | { readonly kind: "import"; readonly groupCommitment: readonly Point[] };

/** What a run is in the life of a key, as its context and its certificate name it. */
export interface Place {
  readonly operation: "dkg" | "refresh" | "import";
  /** 32 bytes; zeros unless the key exists already. */
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly newEpoch: number;
  /** Digest of the shares that the run starts from; zeros unless the key exists already. 32 bytes. */
  readonly previous: Uint8Array;
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
  const { minSigners, executionId, origin } = config;
  if (!Number.isInteger(minSigners) || minSigners < 2 || minSigners > participants.length) {
    throw new RangeError(`minSigners ${minSigners} is not within 2..${participants.length}`);
  }
  if (executionId.length !== 16) throw new RangeError("an execution id is 16 bytes");
  if (origin !== undefined && origin.groupCommitment.length !== minSigners) {
    throw new RangeError(`${origin.groupCommitment.length} commitments where ${minSigners} belong`);
  }
  if (origin?.kind === "refresh" && !(Number.isSafeInteger(origin.newEpoch) && origin.newEpoch > origin.epoch)) {
    throw new RangeError(`epoch ${origin.newEpoch} does not come after ${origin.epoch}`);
  }
  return { ...config, participants };
}

/**
 * A run that gives the holders of a key new shares: same secret, same chain code, same holders.
 *
 * @throws RangeError unless `newEpoch` comes after the key's
 */
export function refreshConfig(
  key: GroupKey,
  group: Group,
  executionId: Uint8Array,
  newEpoch: number,
): KeygenConfig & { readonly origin: Origin } {
  const { suite, minSigners, participants, keyId, epoch, chainHash } = key;
  const groupCommitment = key.groupCommitment.map((one) => group.decodePoint(one));
  const origin = { kind: "refresh", keyId, epoch, newEpoch, groupCommitment, chainHash } as const;
  const config = { suite, group, executionId, minSigners, participants, origin };
  checked(config);
  return config;
}

/** Of a run that makes a key, or brings one here. */
export function firstPlace(operation: "dkg" | "import"): Place {
  return { operation, keyId: ZERO, epoch: 0, newEpoch: 0, previous: ZERO };
}

export function placeOf({ suite, group, origin }: Pick<KeygenConfig, "suite" | "group" | "origin">): Place {
  if (origin?.kind !== "refresh") return firstPlace(origin?.kind ?? "dkg");
  const { keyId, epoch, newEpoch, groupCommitment, chainHash } = origin;
  const previous = H(suite, "refresh/previous", encodePoints(group, groupCommitment), chainHash);
  return { operation: "refresh", keyId, epoch, newEpoch, previous };
}

/** The context of a run: its hashes, its proofs and every signed frame are bound to it. 32 bytes. @throws RangeError */
export function keygenContext(config: KeygenConfig): Uint8Array {
  return contextAt(config, placeOf(config));
}

/** The context of a run of which only the place is known, not what it started from. */
export function contextAt(config: Omit<KeygenConfig, "origin">, place: Place): Uint8Array {
  const { suite, minSigners, participants, executionId } = checked(config);
  const members = participants.map((one) => Buffer.concat([u32be(one.identifier), one.publicKey]));
  const operation = new TextEncoder().encode(place.operation);
  const { keyId, epoch, newEpoch, previous } = place;
  const key = [keyId, u64be(epoch), previous, u32be(minSigners)];
  const made = place.operation === "refresh" ? [u64be(newEpoch)] : [];
  return H(suite, "ctx", ...key, ...members, operation, executionId, ...made);
}

/** How many points each participant commits to: a polynomial that is zero at 0 has no constant term to show. */
export function coefficientCount({ minSigners, origin }: Pick<KeygenConfig, "minSigners" | "origin">): number {
  return origin === undefined ? minSigners : minSigners - 1;
}
