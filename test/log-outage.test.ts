import { networkHash, type Repair, signRepair, unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "./support/virtual-network.ts";

const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
const MINUTE_MS = 60_000;

/** A record was proposed while two of five signers, of which four must take it, were away for so many minutes. */
function outage(minutes: number) {
  const network = new VirtualNetwork();
  network.pass(10);
  for (const name of ["signer-4", "signer-5"]) network.kill(name);
  expect(() => network.act(KEY)).toThrow("4 of 5 signers must take");
  const [proposed] = network.coordinator.logs();
  for (let at = 0; at < minutes; at++) network.pass(MINUTE_MS);
  for (const name of ["signer-4", "signer-5"]) network.restart(name);
  network.pass(5000);
  return { network, proposed: proposed!.pending!, now: network.coordinator.logs()[0]! };
}

describe("a record that too few signers took before an outage", () => {
  it("is the very one that is committed when they are back after twenty minutes, and the log goes on", () => {
    const { network, proposed, now } = outage(20);
    expect(now.pending).toBeNull();
    expect(now.head).toEqual({ height: proposed.height, hash: proposed.hash });
    expect(() => network.act(KEY)).not.toThrow();
  });

  it("is refused by those who come back after more than an hour, and reported as stuck", () => {
    const { network, now } = outage(61);
    expect(now.head.height).toBe(0);
    expect(now.pending).toMatchObject({ height: 1, stuck: true, refused: { "signer-4": { code: "bad_record" } } });
    expect(network.events).toContainEqual(expect.objectContaining({ type: "authority.stuck", height: 1 }));
  });

  it("is committed all the same when operators decide on it, however old it is", () => {
    const { network, proposed } = outage(61);
    const { height, hash } = proposed;
    const organisation = network.organisation!.id;
    const repair: Repair = { organisation, height, hash: unhex(hash), time: 1 };
    const signature = signRepair(networkHash(network.file), repair, network.identityOf("operator-1"));
    network.signers.get("signer-4")!.repair({ repair, signatures: [{ operator: "operator-1", signature }] }, () => {});
    network.pass(5000);
    expect(network.coordinator.logs()).toMatchObject([{ head: { height, hash }, pending: null }]);
    expect(() => network.act(KEY)).not.toThrow();
  });
});
