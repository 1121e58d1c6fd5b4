import { recordHash } from "@quorate/authority";
import { TestUser } from "@quorate/authority/testing";
import { decode } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { equivocationRecord } from "@quorate/vault";
import { describe, expect, it } from "vitest";
import { Attack } from "../../support/attack.ts";
import { auditOf } from "../../support/audit.ts";

const account = (name: string) => {
  return {
    method: "POST",
    path: "/auth/service-accounts",
    body: { name, publicKey: new TestUser().publicKey },
  } as const;
};

describe("a coordinator that proposes two records for one height", () => {
  it("gets one of them countersigned, and leaves its signatures under both as evidence", () => {
    const { keeper, network } = new Attack();
    const [one, other] = [keeper.next(account("one")), keeper.next(account("other"))];
    keeper.propose(one, ["signer-1"]);
    expect(keeper.propose(other, ["signer-1"])).toMatchObject([{ kind: "recordRefused", code: "conflict" }]);
    expect(network.events.some((event) => event.type === "authority.equivocation")).toBe(true);
    const disk = [...network.disks.get("signer-1")!.values()];
    const stored = decode(equivocationRecord, disk.find((record) => record.kind === "equivocation")!.value!);
    const entry = auditOf(network, "signer-1").findLast((action) => action.kind === "equivocation")!;
    expect(recordHash(stored.first.record)).toBe(hex(entry.other));
    expect(recordHash(stored.second.record)).toBe(hex(entry.hash));
    expect(stored.second.signature).not.toEqual(stored.first.signature);
  });

  it("cannot have both committed, whomever it shows which", () => {
    const { keeper } = new Attack();
    const [one, other] = [keeper.next(account("one")), keeper.next(account("other"))];
    const first = keeper.propose(one, ["signer-1", "signer-2", "signer-3"]);
    const second = keeper.propose(other, keeper.everybody);
    const taken = (said: typeof first) => said.filter((answer) => answer?.kind === "countersigned").length;
    expect([taken(first), taken(second)]).toEqual([3, 2]); // four are needed
  });
});

describe("a coordinator that makes up a record", () => {
  it("cannot add a credential that nobody in the log vouched for", () => {
    const { keeper, network } = new Attack();
    const stranger = new TestUser();
    const [said] = keeper.propose(keeper.next(account("own"), stranger), ["signer-1"]);
    expect(said).toMatchObject({ kind: "recordRefused", code: "unknown_credential" });
    expect(auditOf(network, "signer-1").at(-1)).toMatchObject({ kind: "recordRefused", code: "unknown_credential" });
  });

  it("cannot change what a user signed on its way into the log", () => {
    const { keeper } = new Attack();
    const record = keeper.next(account("asked"));
    const body = { ...record.action.body, publicKey: new TestUser().publicKey };
    const changed = { ...record, action: { ...record.action, body } };
    expect(keeper.propose(changed, ["signer-1"])).toMatchObject([{ code: "no_authorisation" }]);
  });

  it("cannot have it followed without the countersignatures, or with those of another record", () => {
    const { keeper, network } = new Attack();
    const height = keeper.state.head.height;
    keeper.act(account("real"), network.admin, keeper.everybody, []);
    const genuine = keeper.records.at(-1)!;
    const few = { ...genuine, signatures: genuine.signatures.slice(0, 3) };
    const twice = { ...genuine, signatures: Array.from({ length: 4 }, () => genuine.signatures[0]!) };
    const swapped = { ...genuine, signatures: keeper.records.at(-2)!.signatures };
    for (const bad of [few, twice, swapped]) keeper.commit(["signer-1"], [bad]);
    const followed = () =>
      network.events.filter((event) => {
        return event.node === "signer-1" && event.type === "authority.committed" && event.height === height + 1;
      }).length;
    expect(followed()).toBe(0);
    keeper.commit(["signer-1"], [genuine]);
    expect(followed()).toBe(1);
  });

  it("cannot date it ahead, nor before the record below it", () => {
    const { keeper, network } = new Attack();
    for (const time of [keeper.now + 60_001 + 10, keeper.state.time - 1]) {
      const [said] = keeper.propose(keeper.next(account("dated"), network.admin, { time }), ["signer-1"]);
      expect(said).toMatchObject({ kind: "recordRefused", code: "bad_record" });
    }
  });
});
