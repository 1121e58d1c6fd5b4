import { decode, encode, fixed, flag, nullable, struct, u64, union, bytes as upTo } from "@quorate/curves";
import { hex } from "@quorate/orders";
import { describe, expect, it, test } from "vitest";
import { answers, give, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const peerMessage = union({
  frame: struct({ frame: upTo(1 << 16) }),
  notice: struct({ evidence: upTo(1 << 16) }),
  pairStatus: struct({ epoch: u64, setupId: nullable(fixed(32)), banned: flag, asks: flag, life: fixed(16) }),
  pairBegin: struct({ executionId: fixed(16), epoch: u64, life: fixed(16) }),
});

/** A network whose pairs are ready, with a victim and a peer of rank `rank` in their pair. */
function scene(rank: 1 | 2) {
  const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
  const key = network.madeKey("ECDSA");
  network.killCoordinator();
  const sorted = network.file.nodes.toSorted((a, b) => (a.publicKey < b.publicKey ? -1 : 1)).map((one) => one.name);
  const [first, second, third] = sorted as [string, string, string];
  const [victim, peer] = rank === 1 ? [second, first] : [first, second];
  const signer = () => network.signers.get(victim)!;
  const stateOf = (node: string) =>
    signer()
      .pairs()
      .find((one) => one.node === node)!.state;
  return { network, key, victim, peer, third, signer, stateOf };
}

const PAIR_STATUS = 2;
const SOME_LIFE = new Uint8Array(16);

/** Which life the victim says to be in. */
function lifeOf({ network, victim, peer, signer }: ReturnType<typeof scene>): Uint8Array {
  let life = SOME_LIFE;
  network.intercept = ({ from, to, bytes }) => {
    if (from === victim && to === peer && bytes[0] === PAIR_STATUS) {
      const said = decode(peerMessage, bytes);
      if (said.kind === "pairStatus") life = said.life.slice();
    }
    return bytes;
  };
  const asking = { kind: "pairStatus", epoch: 0, setupId: null, banned: false, asks: true, life: SOME_LIFE } as const;
  signer().receive(peer, encode(peerMessage, asking));
  network.intercept = ({ bytes }) => bytes;
  return life;
}

const executionOf = (at: number) => new Uint8Array(Buffer.alloc(16, `execution ${at}`));

describe("a peer that begins setup after setup", () => {
  it("takes no room from others, and leaves few records", () => {
    const found = scene(1);
    const { network, key, victim, peer, third, signer } = found;
    const life = lifeOf(found);
    const records = () => [...network.disks.get(victim)!.values()].filter((one) => one.kind === "joined").length;
    const before = records();
    for (let at = 0; at < 1100; at++) {
      const begin = { kind: "pairBegin", executionId: executionOf(at), epoch: 1000, life } as const;
      signer().receive(peer, encode(peerMessage, begin));
      network.pass(1);
    }
    expect(records() - before).toBe(1);
    network.pass(60_000);
    expect(records() - before).toBe(2); // and the last that was asked for
    const identifierOf = (name: string) => network.file.nodes.findIndex((one) => one.name === name) + 1;
    const set = [identifierOf(victim), identifierOf(third)].toSorted();
    for (const one of set) give(network, one, presignOrder(key, 1, set));
    network.pass(200);
    expect(answers(network, identifierOf(victim), "presigned")).toHaveLength(1);
  });
});

test("a setup that was begun with an earlier process of a signer is joined by no later one, whatever its disk remembers", () => {
  const found = scene(1);
  const { network, victim, peer, signer } = found;
  const begin = { kind: "pairBegin", executionId: executionOf(1), epoch: 1000, life: lifeOf(found) } as const;
  network.kill(victim);
  network.restart(victim);
  signer().receive(peer, encode(peerMessage, begin));
  network.pass(1);
  expect(network.events.filter((one) => one.type === "message.refused").at(-1)).toMatchObject({
    ...{ node: victim, peer, code: "unexpected_setup", detail: "begun with an earlier process of this signer" },
  });
  const records = [...network.disks.get(victim)!.values()];
  expect(records.some((one) => one.kind === "joined" && one.id === hex(executionOf(1)))).toBe(false);
});

describe("a peer that says to be at an epoch beyond counting", () => {
  it.each([1, 2] as const)("is refused, and the pair can still be set up: with the peer as number %i of it", (rank) => {
    const found = scene(rank);
    const { network, peer, signer, stateOf } = found;
    const life = lifeOf(found);
    const epoch = Number.MAX_SAFE_INTEGER;
    signer().receive(peer, encode(peerMessage, { kind: "pairBegin", executionId: executionOf(1), epoch, life }));
    const setupId = new Uint8Array(32);
    const far = { kind: "pairStatus", epoch, setupId, banned: false, asks: false, life: SOME_LIFE } as const;
    signer().receive(peer, encode(peerMessage, far));
    network.pass(100);
    const refused = network.events.filter((one) => one.type === "message.refused" && one.peer === peer);
    expect(refused.map((one) => one.code)).toEqual(["unexpected_setup", "unexpected_setup"]);
    const lost = { kind: "pairStatus", epoch: 0, setupId: null, banned: false, asks: true, life: SOME_LIFE } as const;
    signer().receive(peer, encode(peerMessage, lost));
    network.until(() => stateOf(peer) === "ready");
    expect(stateOf(peer)).toBe("ready");
  });
});
