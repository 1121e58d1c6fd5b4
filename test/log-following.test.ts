import { encodeLogRecord } from "@quorate/authority";
import { describe, expect, it } from "vitest";
import { outcomesOf } from "./support/forged-order.ts";
import { LogKeeper } from "./support/log-keeper.ts";
import { onlyPresence } from "./support/presence-only.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const ACCOUNT = (publicKey: string, name = "robot") => {
  return { method: "POST", path: "/auth/service-accounts", body: { name, publicKey } } as const;
};
const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

function scene() {
  const network = new VirtualNetwork();
  return { network, keeper: new LogKeeper(network) };
}

/** The height at which a signer last said that the log ends. */
function heightAt(network: VirtualNetwork, name: string): number {
  const heads = outcomesOf(network, name).filter((one) => one.kind === "heads");
  return heads.at(-1)?.heads[0]?.height ?? -1;
}

describe("a log of an organisation", () => {
  it("is followed by every signer once enough of them countersigned", () => {
    const { network, keeper } = scene();
    keeper.act(ACCOUNT(network.admin.publicKey));
    keeper.act(KEY);
    expect(keeper.everybody.map((name) => heightAt(network, name))).toEqual([2, 2, 2, 2, 2]);
  });

  it("begins with the record that the network file names, and no other", () => {
    const { network, keeper } = scene();
    network.kill("signer-1");
    network.disks.get("signer-1")!.clear();
    onlyPresence(network);
    network.restart("signer-1");
    const genesis = { ...network.genesis, time: network.genesis.time + 1 };
    keeper.commit(["signer-1"], [{ record: encodeLogRecord(genesis), signatures: [] }]);
    expect(heightAt(network, "signer-1")).toBe(-1);
    keeper.commit(["signer-1"], keeper.records.slice(0, 1));
    expect(heightAt(network, "signer-1")).toBe(0);
  });

  it("is read again after a restart, and goes on where it stood", () => {
    const { network, keeper } = scene();
    keeper.act(KEY);
    network.kill("signer-1");
    network.restart("signer-1");
    expect(heightAt(network, "signer-1")).toBe(1);
    keeper.act(KEY);
    expect(heightAt(network, "signer-1")).toBe(2);
  });

  it("reaches a signer that the coordinator leaves out, from the others, within a second or two", () => {
    const { network, keeper } = scene();
    keeper.act(KEY, network.admin, keeper.everybody, ["signer-2"]);
    network.pass(2100);
    expect(keeper.everybody.map((name) => heightAt(network, name))).toEqual([1, 1, 1, 1, 1]);
  });

  it("is fetched from the others by a signer whose disk lost a record, and nothing is countersigned meanwhile", () => {
    const { network, keeper } = scene();
    keeper.act(KEY);
    keeper.act(KEY);
    network.damaged.add(`log-record ${keeper.state.id} 1`);
    network.kill("signer-1");
    network.restart("signer-1");
    network.damaged.clear();
    network.pass(3000);
    expect(heightAt(network, "signer-1")).toBe(2);
    expect(keeper.propose(keeper.next(KEY), ["signer-1"])).toMatchObject([{ kind: "recordRefused", code: "conflict" }]);
    network.kill("signer-1");
    network.restart("signer-1");
    expect(keeper.propose(keeper.next(KEY), ["signer-1"])).toMatchObject([{ kind: "countersigned" }]);
  });
});

describe("a signer countersigns", () => {
  it("one record at a height, and says the same again when it is asked again, also after a restart", () => {
    const { network, keeper } = scene();
    const [first, second] = [keeper.next(KEY), keeper.next(KEY)];
    const [said] = keeper.propose(first, ["signer-1"]);
    expect(said).toMatchObject({ kind: "countersigned", height: 1 });
    expect(keeper.propose(second, ["signer-1"])).toMatchObject([{ kind: "recordRefused", code: "conflict" }]);
    network.kill("signer-1");
    network.restart("signer-1");
    expect(keeper.propose(second, ["signer-1"])).toMatchObject([{ kind: "recordRefused", code: "conflict" }]);
    expect(keeper.propose(first, ["signer-1"])).toEqual([said]);
  });

  it("nothing that does not follow, that nobody signed, or that the coordinator did not sign", () => {
    const { keeper } = scene();
    const one = (record: ReturnType<LogKeeper["next"]>, changes = {}) =>
      keeper.propose(record, ["signer-1"], changes)[0];
    expect(one(keeper.next(KEY, null))).toMatchObject({ code: "no_authorisation" });
    expect(one(keeper.next(KEY, undefined, { height: 2 }))).toMatchObject({ code: "behind" });
    expect(one(keeper.next(KEY, undefined, { previous: "00".repeat(32) }))).toMatchObject({ code: "bad_record" });
    expect(one(keeper.next(KEY, undefined, { time: keeper.now - 120_000 }))).toMatchObject({ code: "bad_record" });
    expect(one(keeper.next(KEY), { signature: new Uint8Array(64) })).toMatchObject({ code: "bad_signature" });
    expect(one(keeper.next(KEY), { organisation: "or-other" })).toMatchObject({ code: "unknown_organisation" });
  });

  it("nothing before it is durable", () => {
    const { network, keeper } = scene();
    network.fullDisks.add("signer-1");
    const record = keeper.next(KEY);
    expect(keeper.propose(record, ["signer-1"])).toMatchObject([{ code: "no_space" }]);
    network.onWrite = (node, batch) => {
      if (node === "signer-1" && batch.some((record) => record.kind === "countersigned")) network.kill(node);
    };
    network.fullDisks.clear();
    expect(keeper.propose(record, ["signer-1"])).toEqual([undefined]);
  });
});
