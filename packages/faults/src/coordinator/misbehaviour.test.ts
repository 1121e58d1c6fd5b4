import type { Order, OrderOf, SigningAuthority } from "@quorate/orders";
import { expect, test } from "vitest";
import type { CoordinatorFault } from "../index.ts";
import { counting } from "../testing/run.ts";
import { CoordinatorMisbehaviour } from "./index.ts";

const SIGNERS = ["ohio", "dublin", "paris"];
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const id = (at: number) => new Uint8Array(16).fill(at);
const commitment = (identifier: number, at: number) => ({
  ...{ identifier, commitmentId: id(at), hiding: id(at), binding: id(at), signature: new Uint8Array(64) },
});

const authority = (at: number): SigningAuthority => ({
  kind: "admitted",
  ...{ organisation: "org", head: { height: at, hash: new Uint8Array(32) } },
  requestId: `act-${at}`,
});

function signing(at: number) {
  return {
    ...{ requestId: `sig-${at}`, executionId: id(at), keyId: new Uint8Array(32), epoch: 0, path: [] },
    ...{ deadline: 1_790_000_000_000, request: new TextEncoder().encode(`{"kind":"Message","message":"00f${at}"}`) },
    authority: authority(at),
  };
}
const frost = (at: number): OrderOf<"sign"> => ({
  kind: "sign",
  ...{ ...signing(at), commitments: [[1, 2, 3].map((one) => commitment(one, at))] },
});
const ecdsa = (at: number): OrderOf<"signPresigned"> => ({
  kind: "signPresigned",
  ...{ ...signing(at), presignatures: [id(at + 100)] },
});
const twoRound = (at: number): OrderOf<"signInteractive"> => ({
  kind: "signInteractive",
  ...{ ...signing(at), signers: [1, 2, 3] },
});
const presign = (at: number): OrderOf<"presign"> => ({
  kind: "presign",
  ...{ executionId: id(at), keyId: new Uint8Array(32), epoch: 0, path: [], signers: [1, 2, 3] },
});
const harmless: Order = { kind: "replenish", keyId: new Uint8Array(32), epoch: 0, count: 3 };

function liar(kind: CoordinatorFault["kind"]) {
  const misbehaviour = new CoordinatorMisbehaviour({ random: counting() });
  misbehaviour.inject("f1", { kind });
  /** What each of three signers is told in place of an order. */
  const tell = (order: Order) => SIGNERS.map((to) => misbehaviour.orders(to, order));
  return { misbehaviour, tell };
}

test("without a lie in force every order leaves as it is", () => {
  const { misbehaviour, tell } = liar("coordinator:flood");
  misbehaviour.clear("f1");
  expect(tell(frost(1))).toEqual(SIGNERS.map(() => [frost(1)]));
  expect(misbehaviour.active).toEqual([]);
});

test.each([
  ...["coordinator:no-authority", "coordinator:altered-payload", "coordinator:different-messages"],
  ...["coordinator:twice", "coordinator:replay", "coordinator:expired", "coordinator:drop-signer"],
  ...["coordinator:bad-set", "coordinator:flood"],
] as CoordinatorFault["kind"][])("%s leaves orders alone that make no use of a key", (kind) => {
  expect(liar(kind).tell(harmless)).toEqual(SIGNERS.map(() => [harmless]));
});

test("no-authority takes away the user's, and nothing else", () => {
  for (const order of [frost(1), ecdsa(1), twoRound(1)]) {
    expect(liar("coordinator:no-authority").tell(order)).toEqual(SIGNERS.map(() => [{ ...order, authority: null }]));
  }
});

test("altered-payload changes one digit of what is signed, the same at all", () => {
  const told = liar("coordinator:altered-payload").tell(frost(1)) as [OrderOf<"sign">][];
  const [altered] = told[0]!;
  expect(text(altered.request)).toBe('{"kind":"Message","message":"00f0"}');
  expect({ ...altered, request: frost(1).request }).toEqual(frost(1));
  for (const [other] of told) expect(other).toEqual(altered);
});

test("a request without a payload in hex is altered all the same, and stays as long", () => {
  for (const request of ["not JSON", '{"kind":"Hash"}', ""]) {
    const order = { ...frost(1), request: new TextEncoder().encode(request) };
    const [altered] = liar("coordinator:altered-payload").tell(order)[0] as [OrderOf<"sign">];
    expect(altered.request).toHaveLength(request.length);
    if (request.length > 0) expect(text(altered.request)).not.toBe(request);
  }
});

test("different-messages gives each signer another request, and the same one again if asked again", () => {
  const { tell } = liar("coordinator:different-messages");
  const told = () => tell(twoRound(1)).map(([order]) => text((order as OrderOf<"signInteractive">).request));
  const first = told();
  expect(new Set(first)).toHaveProperty("size", 3);
  expect(first[0]).toBe(text(twoRound(1).request));
  expect(told()).toEqual(first);
});

test("twice asks first for the new request with what the order before it used, in another execution", () => {
  const { tell } = liar("coordinator:twice");
  expect(tell(frost(1))).toEqual(SIGNERS.map(() => [frost(1)]));
  const told = tell(frost(2)) as [OrderOf<"sign">, OrderOf<"sign">][];
  for (const [lie, honest] of told) {
    expect(honest).toEqual(frost(2));
    expect(lie).toEqual({ ...frost(2), executionId: lie.executionId, commitments: frost(1).commitments });
    expect(lie.executionId).toEqual(told[0]![0].executionId);
    expect(lie.executionId).not.toEqual(honest.executionId);
  }
  const presigned = liar("coordinator:twice").tell;
  presigned(ecdsa(1));
  const [[lie]] = presigned(ecdsa(2)) as [[OrderOf<"signPresigned">]];
  expect(lie).toEqual({ ...ecdsa(2), executionId: lie.executionId, presignatures: ecdsa(1).presignatures });
});

test("replay asks first for the new request under the authorisation of the one before; a retry is left alone", () => {
  const { tell } = liar("coordinator:replay");
  tell(frost(1));
  expect(tell({ ...frost(1), executionId: id(9) })).toEqual(SIGNERS.map(() => [{ ...frost(1), executionId: id(9) }]));
  const [[lie, honest]] = tell(frost(2)) as [[OrderOf<"sign">, OrderOf<"sign">]];
  expect(honest).toEqual(frost(2));
  expect(lie).toEqual({ ...frost(2), executionId: lie.executionId, authority: frost(1).authority });
});

test("expired puts the deadline a day back", () => {
  const [[late]] = liar("coordinator:expired").tell(ecdsa(1)) as [[OrderOf<"signPresigned">]];
  expect(late).toEqual({ ...ecdsa(1), deadline: ecdsa(1).deadline - 86_400_000 });
});

test("drop-signer keeps the orders of an execution from the first that would get them, and from nobody else", () => {
  const { tell } = liar("coordinator:drop-signer");
  for (const order of [frost(1), presign(2), frost(3)]) expect(tell(order)).toEqual([[], [order], [order]]);
});

test("bad-set names too few, one twice, and a stranger, each at times", () => {
  const { tell } = liar("coordinator:bad-set");
  const sets = Array.from({ length: 6 }, (_, at) => tell(presign(at))).flat(2) as OrderOf<"presign">[];
  const shown = new Set(sets.map((one) => one.signers.join()));
  expect(shown).toEqual(new Set(["1", "1,1,2,3", "1,2,16"]));
  const lists = Array.from({ length: 3 }, (_, at) => tell(frost(at))).flat(2) as OrderOf<"sign">[];
  const named = new Set(lists.map((one) => one.commitments[0]!.map((each) => each.identifier).join()));
  expect([...named].every((one) => shown.has(one))).toBe(true);
});

test("flood gives an order 32 times, in as many executions, which are the same at all signers", () => {
  const told = liar("coordinator:flood").tell(presign(1)) as OrderOf<"presign">[][];
  const executions = told.map((orders) => orders.map((one) => Buffer.from(one.executionId).toString("hex")));
  expect(new Set(executions[0])).toHaveProperty("size", 32);
  expect(executions[1]).toEqual(executions[0]);
  for (const one of told[0]!) expect({ ...one, executionId: id(1) }).toEqual(presign(1));
});
