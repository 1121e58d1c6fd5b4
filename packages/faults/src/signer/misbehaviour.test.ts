import { expect, test } from "vitest";
import { Misbehaviour, type ProtocolName } from "../edits.ts";
import type { SignerFault } from "../index.ts";
import { NODES } from "../testing/nodes.ts";
import { BODY, counting, heardBy, PEERS, talk } from "../testing/run.ts";

/** The rounds in which a peer does not get what an honest node would send. */
function wrongRounds(heard: ReturnType<typeof heardBy>, peer: number): readonly number[] {
  return heard[peer]!.flatMap((body, at) => (body === undefined ? [] : [at + 1]));
}

const fault = (kind: SignerFault["kind"], more: Omit<SignerFault, "kind" | "node"> = {}): SignerFault => ({
  ...{ kind, node: "london" },
  ...more,
});

test.each<[string, SignerFault, ProtocolName, Readonly<Record<number, readonly number[]>>]>([
  ["a wrong deal to the lowest", fault("bad-share"), "keygen", { 1: [3], 3: [], 4: [] }],
  ["a wrong deal to whom it names", fault("bad-share", { to: "paris" }), "refresh", { 1: [], 3: [], 4: [3] }],
  ["no wrong deal where none is dealt", fault("bad-share"), "presign", { 1: [], 3: [], 4: [] }],
  ["a bad proof to all", fault("bad-proof"), "keygen", { 1: [2], 3: [2], 4: [2] }],
  ["a bad opening", fault("bad-proof"), "presign", { 1: [3], 3: [3], 4: [3] }],
  ["a bad proof in the round it names", fault("bad-proof", { round: 4 }), "keygen", { 1: [4], 3: [4], 4: [4] }],
  ["two broadcasts", fault("equivocate"), "keygen", { 1: [1], 3: [], 4: [] }],
  ["two broadcasts in round 2", fault("equivocate", { round: 2, to: "paris" }), "keygen", { 1: [], 3: [], 4: [2] }],
  ["no two faces in a private round", fault("equivocate", { round: 3 }), "keygen", { 1: [], 3: [], 4: [] }],
  ["silence from round 9 on", fault("silent", { round: 9 }), "pair", { 1: [9, 10], 3: [9, 10], 4: [9, 10] }],
  ["silence to one", fault("selective-silence", { round: 9 }), "keygen", { 1: [9, 10], 3: [], 4: [] }],
  [
    "silence to one it names",
    fault("selective-silence", { round: 9, to: "region:eu-west-1" }),
    "keygen",
    { 3: [9, 10] },
  ],
  ["points that are none", fault("invalid-points"), "commitments", { 1: [1], 3: [1], 4: [1] }],
  ["a wrong length", fault("wrong-length", { round: 2 }), "presign", { 1: [2], 3: [2], 4: [2] }],
  ["a broken extension", fault("ot-failure"), "presign", { 1: [2], 3: [2], 4: [2] }],
  ["a broken warm-up", fault("ot-failure"), "pair", { 1: [8], 3: [8], 4: [8] }],
  ["nothing else of a wrong share", fault("wrong-share"), "keygen", { 1: [], 3: [], 4: [] }],
])("%s is what leaves, and all else is honest", (_, one, protocol, expected) => {
  const heard = heardBy([one], protocol, [3]);
  for (const [peer, rounds] of Object.entries(expected)) expect(wrongRounds(heard, Number(peer)), peer).toEqual(rounds);
});

test("a wrong deal, a bad proof and a wrong broadcast are wrong by one bit", () => {
  const bits = (made: Uint8Array | null | undefined) =>
    [...made!].reduce((count, byte, at) => count + ((byte ^ BODY[at]!) === 0 ? 0 : 1), 0);
  expect(bits(heardBy([fault("bad-share")], "keygen", [3])[1]![2])).toBe(1);
  expect(bits(heardBy([fault("bad-proof")], "pair")[3]![5])).toBe(1);
  expect(bits(heardBy([fault("equivocate")], "keygen")[1]![0])).toBe(1);
  expect(bits(heardBy([fault("ot-failure")], "presign")[1]![1])).toBe(1);
});

test("an extension is broken behind the id of the setup, which is compared before", () => {
  const broken = heardBy([fault("ot-failure")], "presign")[1]![1]!;
  expect(broken.subarray(0, 32)).toEqual(BODY.subarray(0, 32));
});

test("points that are none are all zeros or all ones, of the right length", () => {
  const [body] = heardBy([fault("invalid-points")], "commitments")[1]!;
  expect(body).toHaveLength(BODY.length);
  expect(new Set(body)).toHaveProperty("size", 1);
  expect([0x00, 0xff]).toContain(body![0]);
});

test("a wrong length is one byte too few or one too many, and both happen", () => {
  const lengths = new Set<number>();
  for (let at = 0; at < 16; at++) {
    const misbehaviour = new Misbehaviour({ random: () => Uint8Array.of(0, 0, 0, at), nodes: NODES });
    misbehaviour.inject("f", fault("wrong-length"));
    const { value } = misbehaviour.protocol("keygen", talk([]), PEERS).next();
    if (value !== "done" && value?.kind === "tampered") lengths.add(value.bodies.get(1)!.length);
  }
  expect(lengths).toEqual(new Set([BODY.length - 1, BODY.length + 1]));
});

test("who rushes sends what an honest node sends, but late", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  misbehaviour.inject("f", fault("rush", { round: 2 }));
  const steps = [...misbehaviour.protocol("keygen", talk([]), PEERS)];
  expect(steps.map((step) => step.kind === "tampered" && step.late === true)).toEqual(steps.map((_, at) => at === 1));
  expect(wrongRounds(heardBy([fault("rush")], "keygen"), 1)).toEqual([]);
});

test("who aborts selectively goes silent once what it heard is odd, and not before", () => {
  const even = Uint8Array.from(BODY, () => 2);
  expect(wrongRounds(heardBy([fault("selective-abort")], "keygen", [], even), 1)).toEqual([]);
  const odd = Uint8Array.from(BODY, (_, at) => (at === 5 ? 1 : 2));
  // Three peers: the sum of what they sent is odd after the first round, even after the second.
  expect(wrongRounds(heardBy([fault("selective-abort")], "keygen", [], odd), 1)).toEqual([2, 4, 6, 8, 10]);
});

test("a share is wrong by one bit, and right again once the fault ends", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  const share = BODY.subarray(0, 32);
  expect(misbehaviour.share(share)).toEqual(share);
  misbehaviour.inject("f1", fault("wrong-share"));
  expect(misbehaviour.active).toEqual([{ id: "f1", fault: fault("wrong-share") }]);
  const wrong = misbehaviour.share(share);
  expect(wrong.filter((byte, at) => byte !== share[at])).toHaveLength(1);
  misbehaviour.clear("f1");
  expect(misbehaviour.share(share)).toEqual(share);
});

test("orders get no answer while it is silent, unless it is silent only from a round on", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  misbehaviour.inject("f1", fault("silent", { round: 2 }));
  expect(misbehaviour.silent("sign")).toBe(false);
  misbehaviour.inject("f2", fault("silent"));
  expect(misbehaviour.silent("sign")).toBe(true);
  misbehaviour.clear();
  expect(misbehaviour.silent("sign")).toBe(false);
});

test("two faults at once both have their effect", () => {
  const heard = heardBy([fault("equivocate", { to: "paris" }), fault("silent", { round: 10 })], "keygen");
  expect(wrongRounds(heard, 4)).toEqual([1, 10]);
  expect(wrongRounds(heard, 1)).toEqual([10]);
  expect(heard[4]![9]).toBeNull();
});

test("a fault that is injected while a protocol runs has its effect from the next step on", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  const run = misbehaviour.protocol("keygen", talk([]), PEERS);
  expect(run.next().value).toMatchObject({ kind: "broadcast" });
  misbehaviour.inject("f", fault("silent", { round: 1 }));
  expect(run.next().value).toMatchObject({ kind: "tampered", bodies: new Map() });
  misbehaviour.clear();
  expect(run.next().value).toMatchObject({ kind: "broadcast" });
});

test("a crash at a round is told once the session is there, and what is sent stays honest", () => {
  const reached: number[] = [];
  let at = 0;
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES, reached: () => reached.push(at) });
  misbehaviour.inject("f", { kind: "crash", node: "london", round: 3 });
  for (const step of misbehaviour.protocol("keygen", talk([]), PEERS)) {
    at++;
    expect(step.kind).toBe("broadcast");
  }
  expect(reached).toEqual([2]);
});

const message = (...head: number[]) => Uint8Array.of(...head, ...BODY);

test("a replay adds one message that went to the same node before", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  misbehaviour.inject("f", fault("replay"));
  expect(misbehaviour.sent("ohio", message(1))).toEqual([message(1)]);
  expect(misbehaviour.sent("paris", message(2))).toEqual([message(2)]);
  expect(misbehaviour.sent("ohio", message(3))).toEqual([message(3), message(1)]);
});

test("who spoofs adds the last message of a third signer, and tells coordinators nothing but its own", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  misbehaviour.inject("f", fault("spoof"));
  misbehaviour.heard("ohio", message(1));
  expect(misbehaviour.sent("ohio", message(2))).toEqual([message(2)]);
  misbehaviour.heard("paris", message(3));
  expect(misbehaviour.sent("ohio", message(4))).toEqual([message(3), message(4)]);
  expect(misbehaviour.sent("coordinator", message(5))).toEqual([message(5)]);
});

test("a storm adds frames to other signers that differ in the execution alone", () => {
  const misbehaviour = new Misbehaviour({ random: counting(), nodes: NODES });
  misbehaviour.inject("f", fault("storm"));
  misbehaviour.heard("ohio", message(1));
  const frame = message(0, 0, 0, 0, 64);
  const sent = misbehaviour.sent("ohio", frame);
  expect(sent).toHaveLength(17);
  expect(sent.at(-1)).toEqual(frame);
  expect(new Set(sent.map((one) => Buffer.from(one.subarray(5, 21)).toString("hex")))).toHaveProperty("size", 17);
  for (const one of sent) {
    expect(one.subarray(0, 5)).toEqual(frame.subarray(0, 5));
    expect(one.subarray(21)).toEqual(frame.subarray(21));
  }
  expect(misbehaviour.sent("coordinator", frame)).toEqual([frame]);
  expect(misbehaviour.sent("ohio", message(3))).toEqual([message(3)]);
});
