import { beforeAll, describe, expect, test } from "vitest";
import type { Asking } from "../client.ts";
import type { Passing } from "../observer.ts";
import { Recorded } from "../testing/recorded.ts";
import { checkersOf } from "./index.ts";

let run: Recorded;

beforeAll(() => {
  run = new Recorded();
  const key = run.makeKey("EdDSA", "ed25519");
  for (const message of ["0x01", "0x02"]) {
    expect(run.sign(key, { kind: "Message", message }).answers[0]).toMatchObject({ ok: { status: "Signed" } });
  }
}, 180_000);

/** The properties that checkers find broken when this happens after the run. */
function broken(happens: (feed: { hear(order: Passing): void; say(outcome: Passing): void }) => void) {
  const { observers } = run.simulation;
  const checkers = checkersOf(run.simulation, [run.client]);
  happens({ hear: (order) => observers.delivered(order), say: (outcome) => observers.sent(outcome) });
  return [...new Set(checkers.violations.map((one) => one.property))];
}

/** An order to sign and its answer by the same signer, the `at`-th of them. */
function exchange(at: number) {
  const answer = run.outcomes("shares")[at]!;
  const { executionId } = answer.value;
  const order = run.orders("sign").find(({ message, value }) => {
    return message.to === answer.message.from && Buffer.compare(value.executionId, executionId) === 0;
  })!;
  return { order, answer };
}

test("nothing is found in a run in which all are honest", () => {
  expect(run.checkers.finish()).toEqual([]);
  expect(run.outcomes("shares").length).toBeGreaterThan(3);
});

test("nothing is found where it is told again as it was", () => {
  const { order, answer } = exchange(0);
  const again = broken(({ hear, say }) => {
    hear(order.message);
    say(answer.message);
    say(answer.message);
  });
  expect(again).toEqual([]);
});

describe("shares that an honest signer may not send", () => {
  test("without an order", () => {
    expect(broken(({ say }) => say(exchange(0).answer.message))).toEqual(["no-forgery"]);
  });

  test("for what nobody asked for", () => {
    const { order, answer } = exchange(0);
    const request = new TextEncoder().encode('{"kind":"Message","message":"0x03"}');
    const found = broken(({ hear, say }) => {
      hear(run.altered(order, { ...order.value, request }));
      say(answer.message);
    });
    // Nor was anything bound to it.
    expect(found).toEqual(["no-forgery", "burn-before-speak"]);
  });

  test("for something else than the order says", () => {
    const [first, other] = [exchange(0), exchange(2)];
    const { executionId } = first.order.value;
    const found = broken(({ hear, say }) => {
      hear(first.order.message);
      say(run.altered(first.answer, { ...other.answer.value, executionId }));
    });
    expect(found).toEqual(["no-forgery"]);
  });

  test("after the deadline by its own clock", () => {
    const { order, answer } = exchange(0);
    const { clock } = run.simulation.machine(answer.message.from);
    clock.skew(60_000);
    const found = broken(({ hear, say }) => {
      hear(order.message);
      say(answer.message);
    });
    clock.skew(0);
    expect(found).toEqual(["no-forgery"]);
  });

  test("a second time with the same nonce", () => {
    const { order, answer } = exchange(0);
    const [share] = answer.value.shares;
    const changed = { ...share!, share: share!.share.toReversed() };
    const found = broken(({ hear, say }) => {
      hear(order.message);
      say(answer.message);
      say(run.altered(answer, { ...answer.value, shares: [changed] }));
    });
    expect(found).toContain("one-message");
  });

  test("before the authorisation is bound on its disk", () => {
    const { order, answer } = exchange(0);
    const { disk } = run.simulation.machine(answer.message.from);
    const image = disk.image();
    disk.restore(new Map([...image].filter(([, record]) => record.kind !== "binding")));
    const found = broken(({ hear, say }) => {
      hear(order.message);
      say(answer.message);
    });
    disk.restore(image);
    expect(found).toEqual(["burn-before-speak"]);
  });

  test("and that a malicious one may send is not held against the honest", () => {
    const { answer } = exchange(0);
    const faulty = new Set([answer.message.from]);
    const checkers = checkersOf(run.simulation, [run.client], { faulty });
    run.simulation.observers.sent(answer.message);
    expect(checkers.violations).toEqual([]);
  });
});

describe("signatures that a client may not get", () => {
  /** What is found when its first request gets another answer. */
  function answered(change: (first: Asking["answers"][number]) => unknown) {
    const checkers = checkersOf(run.simulation, [run.client]);
    const [first, second] = asked();
    const { observers } = run.simulation;
    observers.answered(run.client, second!, second!.answers[0]!);
    observers.answered(run.client, first!, change(first!.answers[0]!) as never);
    const forgeries = checkers.violations.filter((one) => one.property === "no-forgery");
    return forgeries.map((one) => one.text);
  }
  const asked = () => run.client.asked;

  test("one that does not verify, or is for another request", () => {
    expect(answered((result) => result)).toEqual([]);
    const second = asked()[1]!.answers[0] as { ok: { result: object } };
    const wrong = answered((result) => ({ ok: { ...(result as typeof second).ok, result: second.ok.result } }));
    expect(wrong).toEqual([
      expect.stringContaining("does not verify"),
      expect.stringContaining("the signature that was given for"),
    ]);
  });

  test("none, or more than were asked for", () => {
    const result = { signatures: [] };
    expect(answered((right) => ({ ok: { ...(right as { ok: object }).ok, result } }))).toEqual([
      expect.stringContaining("0 signatures for 1 digests"),
    ]);
  });
});

test("a record of a kind that signers do not keep is found, such as a nonce", () => {
  const checkers = checkersOf(run.simulation, [run.client]);
  const write = { kind: "nonce", id: "1", epoch: 0, value: new Uint8Array(32) };
  run.simulation.observers.written("signer-1", [write], "no_space");
  expect(checkers.violations).toEqual([]);
  run.simulation.observers.written("signer-1", [write], "ok");
  expect(checkers.violations).toMatchObject([{ property: "burn-before-speak", node: "signer-1" }]);
});

test("a defect is found, with its stack, unless the node is malicious", () => {
  const checkers = checkersOf(run.simulation, [run.client], { faulty: new Set(["signer-2"]) });
  for (const node of ["signer-1", "signer-2"])
    run.simulation.observers.event(node, { type: "defect", message: "m", stack: "s" });
  expect(checkers.violations).toMatchObject([{ property: "no-defect", node: "signer-1", text: "s" }]);
});
