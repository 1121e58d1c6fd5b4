import { networkHash, signHalt } from "@quorate/orders";
import { tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { beforeEach, describe, expect, it } from "vitest";
import { makePresignature } from "../support/ecdsa-orders.ts";
import { type Disk, VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];
const VICTIM = "signer-1";
const LIAR = "signer-2";

const flipping: Behaviour = {
  protocol: (name, protocol) =>
    tamper(protocol, (step) => {
      if (name !== "presign" || step.kind !== "private" || step.round.name !== "extensions") return step;
      return tampered(step, [1], (_, body) => body.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
    }),
};

describe("a signer whose disk is put back to before it banned another", () => {
  let network: VirtualNetwork;
  let night: Disk;

  beforeEach(() => {
    network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored", behaviours: { [LIAR]: flipping } });
    const key = network.madeKey("ECDSA");
    network.killCoordinator();
    night = network.snapshot(VICTIM);
    makePresignature(network, key, 1, SET);
    expect(stateAtVictim()).toBe("banned");
  });

  const stateAtVictim = (node = LIAR) =>
    network.signers
      .get(VICTIM)!
      .pairs()
      .find((one) => one.node === node)!.state;

  it("learns of the ban from the others, and keeps it", () => {
    network.restore(VICTIM, night);
    expect(stateAtVictim()).toBe("banned");
    const bans = [...network.disks.get(VICTIM)!.values()].filter(({ kind, value }) => kind === "ban" && value !== null);
    expect(bans.map(({ id }) => id)).toEqual([network.file.nodes[1]!.publicKey]);
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(stateAtVictim()).toBe("banned");
  });

  it("does not believe an older word of its own, which the banned one shows", () => {
    const early = network.snapshot(LIAR);
    network.kill(LIAR);
    for (const [at, one] of early) if (one.kind === "witness") early.delete(at);
    network.disks.set(LIAR, early);
    network.restart(LIAR);
    network.restore(VICTIM, night);
    expect(stateAtVictim()).toBe("banned");
  });

  it("uses none of the setups of its pairs again: others are made", () => {
    const setupOf = () => network.disks.get(VICTIM)!.get(`pair ${network.file.nodes[2]!.publicKey} 0`)?.value;
    const before = Buffer.from(setupOf()!);
    network.restore(VICTIM, night);
    network.until(() => stateAtVictim("signer-3") === "ready");
    expect(Buffer.compare(before, setupOf()!)).not.toBe(0);
  });

  it("stays halted if its operator had halted it since", () => {
    const halt = { operator: "operator-1", nodes: [VICTIM], time: 1_790_000_000_000 };
    const statement = signHalt(networkHash(network.file), halt, network.identityOf("operator-1"));
    network.signers.get(VICTIM)!.halt(statement, () => {});
    network.pass(1500);
    network.restore(VICTIM, night);
    network.pass(100);
    expect(network.signers.get(VICTIM)!.halted).toMatchObject({ halt: { nodes: [VICTIM] } });
  });
});
