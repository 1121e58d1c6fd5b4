import type { Codec } from "./codec.ts";

declare const point: unique symbol;

/** An element of a `Group`, opaque: only the group that made it can read it. Always a member of the prime-order subgroup. */
export interface Point {
  readonly [point]: true;
}

/** The groups that keys live in. */
export type GroupName = "ed25519" | "secp256k1" | "p256";

/**
 * Who computes: `fast` is WebAssembly or OpenSSL where there is one, `noble` is portable and the oracle in tests. `model` is UNSAFE: groups in
 * which logarithms are plain to see, for simulations; a process has them only after `loadUnsafeModel` of `@quorate/curves/model`.
 */
export type Backend = "fast" | "noble" | "model";

/**
 * A prime-order group with its canonical encodings (scalars 32 bytes; points 32 bytes on Ed25519, 33 bytes SEC1
 * compressed elsewhere). Scalars are bigints in `[0, order)`.
 */
export interface Group {
  readonly name: GroupName;
  readonly backend: Backend;
  readonly order: bigint;
  readonly generator: Point;
  readonly identity: Point;
  readonly scalarLength: 32;
  readonly pointLength: 32 | 33;

  /** `k * G` for a secret or public `k`: the path of the backend that is meant to be constant-time. `k = 0` gives the identity. */
  base(k: bigint): Point;
  /** `k * P` for a **public** `k`: time depends on `k`. */
  multiply(P: Point, k: bigint): Point;
  /** Sum of `k * P` over the terms, for **public** scalars; the identity for none. */
  multiplyAdd(terms: readonly (readonly [Point, bigint])[]): Point;
  add(P: Point, Q: Point): Point;
  subtract(P: Point, Q: Point): Point;
  negate(P: Point): Point;
  sum(points: Iterable<Point>): Point;
  equals(P: Point, Q: Point): boolean;
  isIdentity(P: Point): boolean;

  /**
   * Decodes a point from a peer. Refuses every length but `pointLength`, non-canonical encodings, points off the curve,
   * the identity, and on Ed25519 every point outside the prime-order subgroup. Keeps no reference to `bytes`.
   * @throws Error
   */
  decodePoint(bytes: Uint8Array): Point;
  /** Canonical encoding. @throws Error for the identity */
  encodePoint(P: Point): Uint8Array;
  /** Decodes a canonical scalar in `[0, order)`, big-endian (little-endian on Ed25519). @throws Error otherwise */
  decodeScalar(bytes: Uint8Array): bigint;
  encodeScalar(k: bigint): Uint8Array;

  /** Reduces an integer into `[0, order)`. */
  mod(k: bigint): bigint;
  /** Multiplicative inverse. @throws Error for 0 */
  invert(k: bigint): bigint;
  /** Whether the y coordinate of the affine point is odd. @throws Error for the identity and on Ed25519 */
  hasOddY(P: Point): boolean;

  /** Wire forms, for use inside `struct`: they refuse what `decodePoint` and `decodeScalar` refuse. */
  readonly point: Codec<Point>;
  readonly scalar: Codec<bigint>;
}
