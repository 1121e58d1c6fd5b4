import { describe, expect, it } from "vitest";
import { outcomesOf } from "./support/forged-order.ts";
import { FIRST, SECOND, TwoCoordinators } from "./support/two-coordinators.ts";

const MESSAGE = { kind: "Message", message: "00ff" };

function permission(name: string) {
  return { method: "POST", path: "/permissions", body: { name, operations: ["Keys:Read"] } } as const;
}

describe("two coordinators", () => {
  it("that are asked for a change at the same moment both have theirs committed, in one order", () => {
    const two = new TwoCoordinators();
    const one = two.act(FIRST, permission("one"));
    const other = two.act(SECOND, permission("two"));
    two.network.until(() => one.result !== undefined && other.result !== undefined);
    two.network.pass(100);
    expect(one.result).toMatchObject({ ok: { height: expect.any(Number) } });
    expect(other.result).toMatchObject({ ok: { height: expect.any(Number) } });
    expect(two.committed(FIRST)).toHaveLength(2);
    expect(two.committed(SECOND)).toEqual(two.committed(FIRST));
    expect(two.network.events.filter((one) => one.type === "authority.equivocation")).toEqual([]);
  });

  it("do so twenty times over, also when one does not hear what the other writes", () => {
    const two = new TwoCoordinators();
    two.network.deaf.add(SECOND);
    const all = Array.from({ length: 20 }, (_, at) => two.act(at % 2 === 0 ? FIRST : SECOND, permission(`p-${at}`)));
    two.network.until(() => all.every((one) => one.result !== undefined));
    two.network.pass(1000);
    for (const { result } of all) expect(result).toMatchObject({ ok: {} });
    expect(two.committed(FIRST)).toHaveLength(20);
    expect(two.committed(SECOND)).toEqual(two.committed(FIRST));
  });

  it("commit what the other had proposed when it was killed, before anything of their own", () => {
    const two = new TwoCoordinators();
    two.network.intercept = ({ from, bytes }) => (from === FIRST ? undefined : bytes);
    two.act(FIRST, permission("left behind"));
    two.network.pass(3);
    two.network.killCoordinator(FIRST);
    const own = two.act(SECOND, permission("own"));
    two.network.until(() => own.result !== undefined);
    expect(own.result).toMatchObject({ ok: { height: 2 } });
    const names = [...two.at(SECOND).organisation(two.id).permissions.values()].map((one) => one.name);
    expect(names.slice(-2)).toEqual(["left behind", "own"]);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "lose no change that the other kept before it was killed, at its write number %i",
    (nth) => {
      const two = new TwoCoordinators();
      let writes = 0;
      two.network.onWrite = (node) => {
        if (node !== FIRST || ++writes < nth) return;
        two.network.onWrite = () => {};
        two.network.killCoordinator(FIRST);
      };
      const given = two.act(FIRST, permission("first"));
      const own = [1, 2].map((at) => two.act(SECOND, permission(`own-${at}`)));
      two.network.until(() => own.every((one) => one.result !== undefined));
      two.network.pass(3000);
      for (const { result } of own) expect(result).toMatchObject({ ok: {} });
      const named = [...two.at(SECOND).organisation(two.id).permissions.values()].map((one) => one.name);
      if (given.result !== undefined && "ok" in given.result) expect(named).toContain("first");
      expect(new Set(named).size).toBe(named.length);
      const heads = [...two.network.signers.keys()].map((signer) =>
        outcomesOf(two.network, signer, SECOND).findLast((one) => one.kind === "heads"),
      );
      for (const said of heads) expect(said).toMatchObject({ heads: [{ height: two.head(SECOND).height }] });
    },
  );

  it("go on after a change that no signer takes: who withdraws it takes nothing else away", () => {
    const two = new TwoCoordinators();
    // The signers refuse what was made more than an hour ago.
    const refused = two.act(FIRST, permission("late"));
    two.network.intercept = ({ from, bytes }) => (from.startsWith("coordinator") ? undefined : bytes);
    two.network.pass(9000);
    for (const name of [FIRST, SECOND]) two.network.killCoordinator(name);
    for (let minutes = 0; minutes <= 61; minutes++) two.network.pass(60_000);
    two.network.intercept = ({ bytes }) => bytes;
    for (const name of [FIRST, SECOND]) two.network.restartCoordinator(0, name);
    const both = [FIRST, SECOND].map((name) => two.act(name, permission(`of ${name}`)));
    two.network.until(() => both.every((one) => one.result !== undefined));
    two.network.pass(1000);
    expect(refused.result).toBeUndefined();
    for (const { result } of both) expect(result).toMatchObject({ ok: {} });
    expect(two.network.events.some((one) => one.type === "record.dropped")).toBe(true);
    expect(two.head(SECOND)).toEqual(two.head(FIRST));
    expect(two.head(FIRST).height).toBe(2);
  });

  it("know the keys that the other has made, and sign with them", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    expect(two.at(SECOND).keys()).toEqual([key]);
    const signed = two.sign(SECOND, key, MESSAGE);
    two.network.until(() => signed.result !== undefined);
    expect(signed.result).toMatchObject({ ok: { status: "Signed" } });
  });

  it("have one key of an entity, though both are asked for it at once", () => {
    const two = new TwoCoordinators();
    const asked = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
    const acted = two.act(FIRST, asked);
    two.network.until(() => acted.result !== undefined);
    two.network.pass(50);
    const id = [...two.at(FIRST).organisation(two.id).keys.keys()].at(-1)!;
    const both = [FIRST, SECOND].map((name) => two.makeKey(name, id));
    two.network.until(() => both.every((one) => one.result !== undefined));
    two.network.pass(100);
    expect(both.some(({ result }) => result !== undefined && "ok" in result)).toBe(true);
    expect(two.at(FIRST).keys()).toHaveLength(1);
    expect(two.at(SECOND).keys()).toEqual(two.at(FIRST).keys());
  });

  it("are never told of the same nonce commitment", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    for (const name of [FIRST, SECOND, FIRST, SECOND]) {
      const signed = two.sign(name, key, MESSAGE);
      two.network.until(() => signed.result !== undefined);
      two.network.pass(50);
    }
    for (const signer of two.network.signers.keys()) {
      const [mine, theirs] = [FIRST, SECOND].map((name) => published(two, signer, name));
      expect(mine!.length).toBeGreaterThan(0);
      expect(theirs!.length).toBeGreaterThan(0);
      expect(mine!.filter((one) => theirs!.includes(one))).toEqual([]);
    }
  });
});

function published(two: TwoCoordinators, signer: string, coordinator: string): readonly string[] {
  return outcomesOf(two.network, signer, coordinator).flatMap((one) =>
    one.kind === "commitments" ? one.commitments.map((each) => Buffer.from(each.commitmentId).toString("hex")) : [],
  );
}

describe("a request of a coordinator that is killed", () => {
  it("is signed by the other, which shows it", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    two.network.intercept = ({ from, to, bytes }) => (from === FIRST || to === FIRST ? undefined : bytes);
    two.sign(FIRST, key, MESSAGE);
    two.network.pass(100);
    const [request] = two.requests(SECOND, key);
    expect(request).toMatchObject({ status: "Executing" });
    two.network.killCoordinator(FIRST);
    two.network.until(() => two.network.events.some((one) => one.type === "request.signed"));
    expect(two.shown(SECOND, request!.id)).toMatchObject({ status: "Signed" });
    expect(two.network.events.filter((one) => one.type === "request.taken_up")).toHaveLength(1);
  });

  it("whose time is over by then is refused, and not left open", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    two.network.sleep(SECOND);
    two.network.intercept = ({ from, bytes }) => (from === FIRST ? undefined : bytes);
    two.sign(FIRST, key, MESSAGE);
    two.network.pass(100);
    two.network.killCoordinator(FIRST);
    two.network.pass(40_000);
    two.network.wakeUp(SECOND);
    two.network.until(() => two.network.events.some((one) => one.type === "request.failed"));
    const [request] = two.requests(SECOND, key);
    expect(request).toMatchObject({ status: "Failed", reason: expect.stringContaining("expired") });
  });

  it("is taken up by the killed one when it is back at once, and by one of them alone", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    two.network.intercept = ({ from, to, bytes }) => (from === FIRST || to === FIRST ? undefined : bytes);
    two.sign(FIRST, key, MESSAGE);
    two.network.pass(100);
    two.network.killCoordinator(FIRST);
    two.network.intercept = ({ bytes }) => bytes;
    two.network.restartCoordinator(0, FIRST);
    two.network.until(() => two.network.events.some((one) => one.type === "request.signed"));
    two.network.pass(20_000);
    expect(two.network.events.filter((one) => one.type === "request.taken_up")).toEqual([]);
    expect(two.network.events.filter((one) => one.type === "request.signed")).toHaveLength(1);
    expect([...two.network.disks.get("coordinator")!.keys()].filter((one) => one.startsWith("open-request"))).toEqual(
      [],
    );
  });

  it("that was only asleep and wakes is ended once: the end that was stored first stands", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    two.network.intercept = ({ from, to, bytes }) => (from === FIRST || to === FIRST ? undefined : bytes);
    const slept = two.sign(FIRST, key, MESSAGE);
    two.network.pass(100);
    const [request] = two.requests(SECOND, key);
    two.network.sleep(FIRST);
    two.network.until(() => two.network.events.some((one) => one.type === "request.signed"));
    const signed = two.shown(SECOND, request!.id);
    two.network.wakeUp(FIRST);
    two.network.until(() => slept.result !== undefined);
    expect(slept.result).toEqual({ ok: signed });
    expect(two.shown(FIRST, request!.id)).toEqual(signed);
  });
});

describe("an external id", () => {
  it("is one request, though both coordinators are asked at the same moment", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    const body = { ...MESSAGE, externalId: "once" };
    const both = [FIRST, SECOND].map((name) => two.sign(name, key, body));
    two.network.until(() => both.every((one) => one.result !== undefined));
    two.network.pass(1000);
    const ids = both.map(({ result }) => (result !== undefined && "ok" in result ? result.ok.id : undefined));
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
    expect(two.requests(FIRST, key)).toMatchObject([{ status: "Signed" }]);
  });

  it("belongs to one body, though both coordinators are asked at the same moment", () => {
    const two = new TwoCoordinators();
    const key = two.key();
    const both = [FIRST, SECOND].map((name, at) => {
      return two.sign(name, key, { kind: "Message", message: `0${at}`, externalId: "once" });
    });
    two.network.until(() => both.every((one) => one.result !== undefined));
    const errors = both.flatMap(({ result }) => (result !== undefined && "error" in result ? [result.error.code] : []));
    expect(errors).toEqual(["conflict"]);
    two.network.pass(1000);
    expect(two.requests(FIRST, key)).toHaveLength(1);
  });
});
