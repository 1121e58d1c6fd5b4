import { encodeLogRecord, type LogRecord, recordHash } from "@quorate/authority";
import { TestUser } from "@quorate/authority/testing";
import { decode } from "@quorate/curves";
import { networkHash, type Repair, signRepair, unhex } from "@quorate/orders";
import type { RepairAnswer } from "@quorate/signer";
import { equivocationRecord } from "@quorate/vault";
import { describe, expect, it } from "vitest";
import { auditOf } from "../../support/audit.ts";
import { LogKeeper } from "../../support/log-keeper.ts";
import { VirtualNetwork } from "../../support/virtual-network.ts";

const account = (name: string) => {
  return {
    method: "POST",
    path: "/auth/service-accounts",
    body: { name, publicKey: new TestUser().publicKey },
  } as const;
};
const hashOf = (record: LogRecord) => recordHash(encodeLogRecord(record));

/** A coordinator has two signers take one record and three another, of five of which four must take the same. */
class Split {
  readonly network = new VirtualNetwork();
  readonly keeper = new LogKeeper(this.network);
  readonly one = this.keeper.next(account("one"));
  readonly other = this.keeper.next(account("other"));

  constructor() {
    this.keeper.propose(this.one, ["signer-1", "signer-2"]);
    this.keeper.propose(this.other, ["signer-3", "signer-4", "signer-5"]);
  }

  repair(signer: string, changes: Partial<Repair> = {}, by = ["operator-1"], signed: Partial<Repair> = {}) {
    const told = {
      organisation: this.keeper.state.id,
      height: 1,
      hash: unhex(hashOf(this.other)),
      time: 1,
      ...changes,
    };
    const signatures = by.map((operator) => {
      const identity = this.network.identityOf(operator);
      return { operator, signature: signRepair(networkHash(this.network.file), { ...told, ...signed }, identity) };
    });
    let said: RepairAnswer | undefined;
    this.network.signers.get(signer)!.repair({ repair: told, signatures }, (answer) => {
      said = answer;
    });
    this.network.settle();
    return said;
  }

  stored(signer: string, kind: string) {
    return [...this.network.disks.get(signer)!.values()].filter((one) => one.kind === kind && one.value !== null);
  }

  restart(signer: string): void {
    this.network.kill(signer);
    this.network.restart(signer);
  }
}

describe("a log that a coordinator got stuck by showing different records to different signers", () => {
  it("goes on with the record that operators decided on, told to one signer; the others hear of it, and keep the evidence", () => {
    const split = new Split();
    const { network, keeper, one, other } = split;
    expect(() => keeper.ratify(one)).toThrow("refused");
    expect(() => keeper.ratify(other)).toThrow("refused");
    expect(split.repair("signer-1")).toBe("taken");
    network.pass(1100);
    expect(keeper.propose(one, ["signer-2", "signer-3"])).toMatchObject([{ code: "conflict" }, { code: "conflict" }]);
    expect(keeper.ratify(other)).toBe(hashOf(other));
    keeper.act(account("next"));
    expect(keeper.state.head.height).toBe(2);
    const { first, second } = decode(equivocationRecord, split.stored("signer-2", "equivocation")[0]!.value!);
    expect([first, second].map(({ record }) => recordHash(record))).toEqual([hashOf(one), hashOf(other)]);
    const repaired = { kind: "repaired", hash: unhex(hashOf(other)) };
    expect(auditOf(network, "signer-2")).toContainEqual(
      expect.objectContaining({ ...repaired, released: unhex(hashOf(one)) }),
    );
    expect(auditOf(network, "signer-3")).toContainEqual(expect.objectContaining({ ...repaired, released: null }));
    expect(split.stored("signer-1", "repair")).toEqual([]);
  });

  it("takes nothing else there after a restart either", () => {
    const split = new Split();
    const { keeper, one, other } = split;
    split.repair("signer-1");
    split.restart("signer-1");
    expect(keeper.propose(one, ["signer-1"])).toMatchObject([{ code: "conflict" }]);
    expect(keeper.propose(keeper.next(account("third")), ["signer-1"])).toMatchObject([{ code: "conflict" }]);
    expect(keeper.propose(other, ["signer-1"])).toMatchObject([{ kind: "countersigned" }]);
    split.restart("signer-1");
    expect(keeper.propose(other, ["signer-1"])).toMatchObject([{ kind: "countersigned" }]);
  });

  it("goes on at nobody's word but the operators', and only as they said it", () => {
    const split = new Split();
    const { keeper, one } = split;
    expect(split.repair("signer-1", {}, [])).toBe("refused");
    expect(split.repair("signer-1", {}, ["coordinator"])).toBe("refused");
    expect(split.repair("signer-1", {}, ["operator-1"], { hash: unhex(hashOf(one)) })).toBe("refused");
    expect(split.repair("signer-1", {}, ["operator-1"], { height: 2 })).toBe("refused");
    expect(split.repair("signer-1", { organisation: "or-other" })).toBe("refused");
    expect(keeper.propose(split.other, ["signer-1"])).toMatchObject([{ code: "conflict" }]);
  });

  it("takes back no record that was committed, and of two decisions follows the later", () => {
    const split = new Split();
    const { keeper, one, other } = split;
    expect(split.repair("signer-1", { height: 0 })).toBe("committed");
    expect(split.repair("signer-1", { hash: unhex(hashOf(one)), time: 5 })).toBe("taken");
    expect(split.repair("signer-1", { time: 4 })).toBe("known");
    expect(keeper.propose(other, ["signer-1"])).toMatchObject([{ code: "conflict" }]);
    expect(split.repair("signer-1", { time: 6 })).toBe("taken");
    expect(keeper.propose(other, ["signer-1"])).toMatchObject([{ kind: "countersigned" }]);
  });

  it("does not go on with a record that nobody may make, whatever operators decided", () => {
    const split = new Split();
    const { keeper } = split;
    const made = keeper.next(account("own"), new TestUser());
    split.repair("signer-1", { hash: unhex(hashOf(made)) });
    expect(keeper.propose(made, ["signer-1"])).toMatchObject([{ code: "unknown_credential" }]);
  });
});
