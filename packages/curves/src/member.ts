import { fixed, mapped } from "./codec.ts";
import type { Backend, Group, GroupName, Point } from "./group.ts";
import { bytesToInteger, integerToBytes, reversedToInteger } from "./integer.ts";

/**
 * What a backend supplies: the group law on its own representation `E` of a point. `groupOf` keeps the special cases away
 * from it, so that all backends agree on them: scalars are in `[1, order)`, points to multiply or encode are not the identity.
 */
export interface Arithmetic<E> {
  readonly name: GroupName;
  readonly backend: Backend;
  readonly order: bigint;
  readonly pointLength: 32 | 33;
  readonly generator: E;
  readonly identity: E;
  base(k: bigint): E;
  multiply(P: E, k: bigint): E;
  /** Sum of the products, where there is a better way than one by one. */
  multiplyAdd?(terms: readonly (readonly [E, bigint])[]): E;
  add(P: E, Q: E): E;
  negate(P: E): E;
  equals(P: E, Q: E): boolean;
  invert(k: bigint): bigint;
  /** Bytes are of the right length. @returns undefined unless they are the canonical encoding of a member of the group */
  decode(bytes: Uint8Array): E | undefined;
  encode(P: E): Uint8Array;
  hasOddY?(P: E): boolean;
}

/** Between the opaque points of a group and the backend's own. */
interface Door<E> {
  wrap(value: E): Point;
  /** @throws Error at a point of another group or backend */
  unwrap(P: Point): E;
}

function doorOf<E>({ name, backend }: Arithmetic<E>): Door<E> {
  // One class per group: points of other groups and other backends are not instances of it.
  class Member {
    readonly value: E;
    constructor(value: E) {
      this.value = value;
    }
  }
  return {
    wrap: (value) => new Member(value) as unknown as Point,
    unwrap(P) {
      if (!(P instanceof Member)) throw new Error(`not a point of ${name} (${backend})`);
      return P.value;
    },
  };
}

type Scalars = Pick<Group, "order" | "scalarLength" | "encodeScalar" | "decodeScalar" | "mod" | "invert" | "scalar">;

function scalarsOf<E>({ name, order, invert }: Arithmetic<E>, inRange: (k: bigint) => bigint): Scalars {
  const encodeScalar = (k: bigint): Uint8Array => {
    const bytes = integerToBytes(inRange(k), 32);
    return name === "ed25519" ? bytes.reverse() : bytes;
  };
  const decodeScalar = (bytes: Uint8Array): bigint => {
    if (bytes.length !== 32) throw new Error(`a scalar is 32 bytes, not ${bytes.length}`);
    return inRange(name === "ed25519" ? reversedToInteger(bytes) : bytesToInteger(bytes));
  };
  return {
    order,
    scalarLength: 32,
    encodeScalar,
    decodeScalar,
    mod(k) {
      const rest = k % order;
      return rest < 0n ? rest + order : rest;
    },
    invert(k) {
      if (inRange(k) === 0n) throw new Error("zero has no inverse");
      return invert(k);
    },
    scalar: mapped(fixed(32), decodeScalar, encodeScalar),
  };
}

type Encoding = Pick<Group, "pointLength" | "encodePoint" | "decodePoint" | "hasOddY" | "point">;

function encodingOf<E>(arithmetic: Arithmetic<E>, { wrap, unwrap }: Door<E>, isZero: (P: E) => boolean): Encoding {
  const { name, pointLength } = arithmetic;
  const decodePoint = (bytes: Uint8Array): Point => {
    if (bytes.length !== pointLength) throw new Error(`a point is ${pointLength} bytes, not ${bytes.length}`);
    const value = arithmetic.decode(bytes);
    if (value === undefined) throw new Error(`not the canonical encoding of a point in the prime-order group ${name}`);
    if (isZero(value)) throw new Error("the point is the identity");
    return wrap(value);
  };
  const encodePoint = (P: Point): Uint8Array => {
    const value = unwrap(P);
    if (isZero(value)) throw new Error("the identity has no encoding");
    return arithmetic.encode(value);
  };
  return {
    pointLength,
    decodePoint,
    encodePoint,
    hasOddY(P) {
      const value = unwrap(P);
      if (arithmetic.hasOddY === undefined) throw new Error(`the parity of y has no use on ${name}`);
      if (isZero(value)) throw new Error("the identity has no y coordinate");
      return arithmetic.hasOddY(value);
    },
    point: mapped(fixed(pointLength), decodePoint, encodePoint),
  };
}

/** Builds the group around a backend's arithmetic: range checks, the identity, encodings and codecs. */
export function groupOf<E>(arithmetic: Arithmetic<E>): Group {
  const { name, backend, order, identity, add } = arithmetic;
  const door = doorOf(arithmetic);
  const { wrap, unwrap } = door;
  const isZero = (P: E) => arithmetic.equals(P, identity);
  const inRange = (k: bigint): bigint => {
    if (k < 0n || k >= order) throw new Error(`a scalar of ${name} is not in [0, order)`);
    return k;
  };
  const multiply = (P: E, k: bigint) => (inRange(k) === 0n || isZero(P) ? identity : arithmetic.multiply(P, k));

  return {
    name,
    backend,
    generator: wrap(arithmetic.generator),
    identity: wrap(identity),
    ...scalarsOf(arithmetic, inRange),
    ...encodingOf(arithmetic, door, isZero),
    base: (k) => wrap(inRange(k) === 0n ? identity : arithmetic.base(k)),
    multiply: (P, k) => wrap(multiply(unwrap(P), k)),
    multiplyAdd(terms) {
      const values = terms.map(([P, k]) => [unwrap(P), inRange(k)] as const);
      const proper = values.filter(([P, k]) => k !== 0n && !isZero(P));
      if (arithmetic.multiplyAdd !== undefined) return wrap(arithmetic.multiplyAdd(proper));
      return wrap(proper.map(([P, k]) => arithmetic.multiply(P, k)).reduce(add, identity));
    },
    add: (P, Q) => wrap(add(unwrap(P), unwrap(Q))),
    subtract: (P, Q) => wrap(add(unwrap(P), arithmetic.negate(unwrap(Q)))),
    negate: (P) => wrap(arithmetic.negate(unwrap(P))),
    sum: (points) => wrap(Array.from(points, unwrap).reduce(add, identity)),
    equals: (P, Q) => arithmetic.equals(unwrap(P), unwrap(Q)),
    isIdentity: (P) => isZero(unwrap(P)),
  };
}
