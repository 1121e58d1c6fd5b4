import { type EcdsaCurve, type Group, H, type Point, type Random, u32be, u64be } from "@quorate/curves";
import { type Identifier, MAX_PARTICIPANTS, type Participant } from "@quorate/protocol";
import type { PairSetup } from "../setup/pair-setup.ts";

/**
 * A pair as its sessions see it. All checks whose result depends on `setup` must run through the one thread that owns this object: a
 * failed one burns the pair before any other result can be told to the peer.
 */
export interface Pair {
  readonly setup: PairSetup;
  /** Read again before every check, and before anything that depends on one is sent. */
  readonly burned: boolean;
  /** For good, for all keys, in both directions. Called before the abort that bans is thrown. */
  burn(): void;
}

/** One presigning, as one signer sees it. */
export interface PresignConfig {
  readonly group: Group;
  /** The key's suite: the domain of every hash. */
  readonly suite: string;
  /** ctx, 32 bytes: `presignContext`. Also the context of the `Session`. */
  readonly context: Uint8Array;
  /** 32 bytes, a hash of what this is for: the request to sign, or the presignature's id and the path of the key. */
  readonly request: Uint8Array;
  readonly self: Identifier;
  /** S: exactly `minSigners` participants of the key, ascending, `self` among them. */
  readonly signers: readonly Identifier[];
  /** s_i */
  readonly signingShare: bigint;
  /** delta, the sum of the tweaks along the derivation path; `0n` without one. */
  readonly tweak: bigint;
  /** X' = X + delta * G */
  readonly publicKey: Point;
  /** For every co-signer. */
  readonly pairs: ReadonlyMap<Identifier, Pair>;
  readonly random: Random;
}

/** A presigning whose configuration was checked. */
export interface Run extends PresignConfig {
  readonly curve: EcdsaCurve;
  /** S without this signer. */
  readonly peers: readonly Identifier[];
}

/**
 * ctx: names the key and everybody who holds it, the operation and its one execution. `keyId` is itself a hash over the session
 * that made the key. 32 bytes.
 */
export function presignContext(
  key: {
    readonly suite: string;
    readonly keyId: Uint8Array;
    readonly epoch: number;
    readonly minSigners: number;
    readonly participants: readonly Participant[];
  },
  operation: "presign" | "sign",
  executionId: Uint8Array,
): Uint8Array {
  const participants = key.participants.toSorted((a, b) => a.identifier - b.identifier);
  const members = participants.map((one) => Buffer.concat([u32be(one.identifier), one.publicKey]));
  const place = [key.keyId, u64be(key.epoch), u32be(key.minSigners), ...members];
  return H(key.suite, "ctx", ...place, new TextEncoder().encode(operation), executionId);
}

/**
 * Checks a configuration.
 *
 * @throws RangeError saying what is wrong
 */
export function checked(config: PresignConfig): Run {
  const { group, context, request, self, signers, signingShare, tweak, pairs } = config;
  const curve = group.name;
  if (curve === "ed25519") throw new RangeError("ECDSA is not defined on ed25519");
  if (context.length !== 32 || request.length !== 32) throw new RangeError("a context and a request are 32 bytes");
  if (signers.length < 2) throw new RangeError(`${signers.length} signers; at least 2 are needed`);
  for (const [at, one] of signers.entries()) {
    if (!Number.isInteger(one) || one < 1 || one > MAX_PARTICIPANTS) {
      throw new RangeError(`identifier ${one} is not within 1..${MAX_PARTICIPANTS}`);
    }
    if (at > 0 && one <= signers[at - 1]!) throw new RangeError("signers are ascending, each named once");
  }
  if (!signers.includes(self)) throw new RangeError(`participant ${self} is not among the signers`);
  if (signingShare <= 0n || signingShare >= group.order) throw new RangeError("the signing share is not a share");
  if (tweak < 0n || tweak >= group.order) throw new RangeError("the tweak is not a scalar");
  const peers = signers.filter((one) => one !== self);
  if (!peers.every((one) => pairs.has(one))) throw new RangeError("a co-signer has no pair");
  return { ...config, curve, peers };
}
