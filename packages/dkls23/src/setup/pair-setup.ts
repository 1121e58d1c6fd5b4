import { type Backend, decode, encode, fixed, mapped, Secret, struct, u8, u64 } from "@quorate/curves";
import type { AliceSeeds, BobSeeds } from "../ot/index.ts";
import { otParameters } from "../ot/parameters.ts";
import type { Rank } from "./config.ts";

/** What a node keeps of a pair: the oblivious transfers in both directions. About 24 kB. Wiped by `Symbol.dispose`, never printed. */
export interface PairSetup extends Disposable {
  /** 32 bytes, public; the same at both ends. */
  readonly setupId: Uint8Array;
  readonly epoch: number;
  /** Of this node. */
  readonly rank: Rank;
  /** For the multiplications in which this node is Bob. */
  readonly bob: BobSeeds;
  readonly alice: AliceSeeds;
  /** z_ij, 32 bytes. */
  readonly zeroSeed: Uint8Array;
}

class KeptSetup implements PairSetup {
  readonly setupId: Uint8Array;
  readonly epoch: number;
  readonly rank: Rank;
  readonly bob: BobSeeds;
  readonly alice: AliceSeeds;
  readonly zeroSeed: Uint8Array;

  constructor({ setupId, epoch, rank, bob, alice, zeroSeed }: Omit<PairSetup, typeof Symbol.dispose>) {
    this.setupId = setupId;
    this.epoch = epoch;
    this.rank = rank;
    this.bob = bob;
    this.alice = alice;
    this.zeroSeed = zeroSeed;
  }

  [Symbol.dispose](): void {
    for (const bytes of [this.bob.seeds, this.alice.delta, this.alice.seeds, this.zeroSeed]) bytes.fill(0);
  }
  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

/** Takes over the arrays: they are wiped with the setup. */
export function pairSetup(parts: Omit<PairSetup, typeof Symbol.dispose>): PairSetup {
  return new KeptSetup(parts);
}

/** 1 byte that holds one of `known`. */
function oneOf<const T extends number>(known: readonly T[]) {
  const check = (value: number): T => {
    const found = known.find((one) => one === value);
    if (found === undefined) throw new Error(`${value} where ${known.join(" or ")} belongs`);
    return found;
  };
  return mapped<number, T>(u8, check, check);
}

function recordOf(kappa: number) {
  return struct({
    format: oneOf([1]),
    setupId: fixed(32),
    epoch: u64,
    rank: oneOf([1, 2]),
    bobSeeds: fixed(kappa * 64),
    delta: fixed(kappa / 8),
    aliceSeeds: fixed(kappa * 32),
    zeroSeed: fixed(32),
  });
}

/** The record that the vault seals. */
export function encodePairSetup({ setupId, epoch, rank, bob, alice, zeroSeed }: PairSetup): Secret {
  const seeds = { bobSeeds: bob.seeds, delta: alice.delta, aliceSeeds: alice.seeds };
  return new Secret(encode(recordOf(8 * alice.delta.length), { format: 1, setupId, epoch, rank, ...seeds, zeroSeed }));
}

/**
 * Reads the record of a setup for keys of that backend; keeps no reference to `bytes`, so that the caller can wipe it.
 *
 * @throws DecodeError
 */
export function decodePairSetup(bytes: Uint8Array, backend: Backend): PairSetup {
  const { kappa } = otParameters(backend);
  const { setupId, epoch, rank, bobSeeds, delta, aliceSeeds, zeroSeed } = decode(recordOf(kappa), bytes);
  return pairSetup({
    setupId: setupId.slice(),
    epoch,
    rank,
    bob: { seeds: bobSeeds.slice() },
    alice: { delta: delta.slice(), seeds: aliceSeeds.slice() },
    zeroSeed: zeroSeed.slice(),
  });
}
