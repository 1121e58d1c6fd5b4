import type { KeyRecord } from "@quorate/coordinator";
import { bytes, encode, struct, union } from "@quorate/curves";
import { presignContext } from "@quorate/dkls23";
import { unhex } from "@quorate/orders";
import { encodeEvidence, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { describe, expect, it } from "vitest";
import { answers, give, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];
const LIAR = "signer-2";
const VICTIM = "signer-1";
const peerMessage = union({ frame: struct({ frame: bytes(1 << 16) }), notice: struct({ evidence: bytes(1 << 16) }) });

const flipping: Behaviour = {
  protocol: (name, protocol) =>
    tamper(protocol, (step) => {
      if (name !== "presign" || step.kind !== "private" || step.round.name !== "extensions") return step;
      return tampered(step, [1], (_, body) => body.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
    }),
};

/** "I stop": a notice that proves nothing against anybody. */
function leaving(network: VirtualNetwork, key: KeyRecord): Uint8Array {
  const participants = network.file.nodes.map((node, at) => {
    return { identifier: at + 1, publicKey: unhex(node.publicKey) };
  });
  const { executionId } = presignOrder(key, 1, SET);
  const named = { suite: "ecdsa-secp256k1", keyId: unhex(key.keyId), epoch: 0, minSigners: 2, participants };
  const context = presignContext(named, "presign", executionId);
  const nothing = { culprits: [], frames: [], exhibit: new Uint8Array() };
  return encode(peerMessage, {
    kind: "notice",
    evidence: encodeEvidence({ code: "stopped", executionId, context, ...nothing }),
  });
}

/** The liar's broken extension arrives; before the workshop has answered, so does what `overtakes`. */
function overtaken(overtakes: (network: VirtualNetwork, key: KeyRecord) => void) {
  const network = new VirtualNetwork({
    signers: 3,
    minSigners: 2,
    pairs: "stored",
    behaviours: { [LIAR]: flipping },
  });
  const key = network.madeKey("ECDSA");
  network.killCoordinator();
  let extension: Uint8Array | undefined;
  network.intercept = ({ from, to, bytes }) => {
    if (from !== LIAR || to !== VICTIM || bytes.length < 20_000) return bytes;
    extension ??= bytes;
    return undefined;
  };
  for (const signer of SET) give(network, signer, presignOrder(key, 1, SET));
  network.pass(100);
  network.intercept = ({ bytes }) => bytes;
  network.signers.get(VICTIM)!.receive(LIAR, extension!);
  overtakes(network, key);
  network.pass(100);
  return network;
}

const stateAtVictim = (network: VirtualNetwork) =>
  network.signers
    .get(VICTIM)!
    .pairs()
    .find((one) => one.node === LIAR)!.state;

describe("a ban of a signer that leaves the session before its extension is checked", () => {
  const leave = (network: VirtualNetwork, key: KeyRecord) =>
    network.signers.get(VICTIM)!.receive(LIAR, leaving(network, key));

  it("is not lost: else each restart would give it another guess at the same secret choices", () => {
    const network = overtaken(leave);
    expect(answers(network, 1, "aborted").map((one) => one.code)).toEqual(["stopped"]); // the session had ended
    expect(stateAtVictim(network)).toBe("banned");
    network.kill(VICTIM);
    network.restart(VICTIM);
    expect(stateAtVictim(network)).toBe("banned");
    expect(network.disks.get(VICTIM)!.has(`pair ${network.file.nodes[1]!.publicKey} 0`)).toBe(false);
  });

  it("is durable before anything more is said", () => {
    const network = overtaken((one, key) => {
      leave(one, key);
      one.fullDisks.add(VICTIM);
    });
    const before = network.traffic.filter((one) => one.from === VICTIM).length;
    give(network, 1, presignOrder(key(network), 2, [1, 3]));
    network.pass(5000);
    expect(network.traffic.filter((one) => one.from === VICTIM)).toHaveLength(before);
    network.fullDisks.delete(VICTIM);
    network.pass(1000);
    expect(network.traffic.filter((one) => one.from === VICTIM).length).toBeGreaterThan(before);
  });
});

/** A key that nobody has: the answer is a refusal. */
function key(network: VirtualNetwork): KeyRecord {
  return { ...network.coordinator.keys()[0]!, keyId: "00".repeat(32) };
}
