import type { KeyRecord } from "@quorate/coordinator";
import { group } from "@quorate/curves";
import { aggregate } from "@quorate/dkls23/aggregate";
import { unhex } from "@quorate/orders";
import { type Hex, hashMessage } from "viem";
import { describe, expect, it } from "vitest";
import { answers, give, makePresignature, presignedOrder, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];
const VICTIM = "signer-1";

/** One presignature made and used: what the coordinator would ask of both signers. */
function scenario(network: VirtualNetwork, key: KeyRecord): void {
  for (const signer of SET) ask(network, signer, () => give(network, signer, presignOrder(key, 1, SET)));
  network.pass(100);
  for (const signer of SET) ask(network, signer, () => give(network, signer, presignedOrder(network, key, 1, "first")));
  network.pass(100);
}

/** A signer that is down is asked nothing. */
function ask(network: VirtualNetwork, signer: number, step: () => void): void {
  if (network.signers.has(`signer-${signer}`)) step();
}

/** Kills the victim at the `at`-th point of this kind. @returns whether there was such a point */
function crash(network: VirtualNetwork, key: KeyRecord, kind: Point, at: number): boolean {
  let seen = 0;
  const hit = () => {
    seen += 1;
    return seen === at;
  };
  const kill = () => network.soon(() => network.signers.has(VICTIM) && network.kill(VICTIM));
  if (kind === "before a write") {
    network.onWrite = (node) => {
      if (node === VICTIM && hit()) network.kill(VICTIM);
    };
  } else if (kind === "after a write") {
    network.onWrite = (node) => {
      if (node === VICTIM && hit()) kill();
    };
  } else {
    network.intercept = ({ from, bytes }) => {
      if (from !== VICTIM || !hit()) return bytes;
      if (kind === "before a send") {
        network.kill(VICTIM);
        return undefined;
      }
      kill();
      return bytes;
    };
  }
  scenario(network, key);
  network.onWrite = () => {};
  network.intercept = (message) => message.bytes;
  return seen >= at;
}

const POINTS = ["before a write", "after a write", "before a send", "after a send"] as const;
type Point = (typeof POINTS)[number];

/** Every share that a signer has ever sent, by its nonce point: two different ones for one point give the key away. */
function sharesByNonce(network: VirtualNetwork, signer: number): Map<string, Set<string>> {
  const byNonce = new Map<string, Set<string>>();
  for (const { shares } of answers(network, signer, "ecdsaShares")) {
    for (const { bigR, u, w } of shares) {
      const known = byNonce.get(hexOf(bigR)) ?? new Set();
      byNonce.set(hexOf(bigR), known.add(`${hexOf(u)} ${hexOf(w)}`));
    }
  }
  return byNonce;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe.each(POINTS)("a signer that is killed %s", (kind) => {
  it("uses no presignature twice, keeps its keys, and signs again once it is back: at every such point of presigning and signing", () => {
    let at = 1;
    for (;;) {
      const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored" });
      const key = network.madeKey("ECDSA");
      network.killCoordinator(); // the test speaks in its place
      if (!crash(network, key, kind, at)) break;
      network.restart(VICTIM);
      network.pass(20_000);
      for (const signer of SET) {
        give(network, signer, presignedOrder(network, key, 1, "second"));
        give(network, signer, presignedOrder(network, key, 1, "first", { executionId: new Uint8Array(16).fill(77) }));
      }
      network.pass(100);
      for (const signer of SET) {
        for (const shares of sharesByNonce(network, signer).values()) expect(shares.size).toBe(1);
      }
      expect(answers(network, 1, "ecdsaShares").length).toBeLessThanOrEqual(1);
      makePresignature(network, key, 9, SET);
      for (const signer of SET) give(network, signer, presignedOrder(network, key, 9, "third"));
      network.pass(100);
      expectSigned(network, key, "third");
      at += 1;
    }
    expect(at).toBeGreaterThan(kind.endsWith("write") ? 2 : 4); // the points that are known to exist
  });
});

/** The last answers of the set make a signature over the text that the library accepts. */
function expectSigned(network: VirtualNetwork, key: KeyRecord, text: string): void {
  const shares = SET.map((signer) => answers(network, signer, "ecdsaShares").at(-1)!.shares[0]!);
  const digest = unhex(hashMessage({ raw: `0x${Buffer.from(text).toString("hex")}` as Hex }).slice(2));
  const bigR = shares[0]!.bigR;
  expect(aggregate(group("secp256k1", "noble"), unhex(key.publicKey), bigR, digest, shares).s).toHaveLength(32);
}
