import { group } from "@quorate/curves";
import { Presignature } from "@quorate/dkls23";
import type { Protocol } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { beforeAll, describe, expect, it } from "vitest";
import { outcomesOf } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

/** What signers of this file made: 96 bytes each, three scalars. */
const presignatures: Uint8Array[] = [];

/** Looks at each presignature that is made: taking it out leaves nothing behind, so another is put in its place. */
const observed: Behaviour = {
  *protocol<Out>(name: string, protocol: Protocol<Out>): Protocol<Out> {
    const made = yield* protocol;
    if (name !== "presign" || !(made instanceof Presignature)) return made;
    const encoded = made.encode();
    presignatures.push(encoded.slice(-96));
    return Presignature.decode(encoded) as Out;
  },
};

/** All bytes that signers wrote while presignatures and nonces were made and used, ids and values. */
const written: Buffer[] = [];
let network: VirtualNetwork;
/** All that signers drew meanwhile. */
let drawn: readonly Uint8Array[];

beforeAll(() => {
  const names = ["signer-1", "signer-2", "signer-3"];
  const behaviours = Object.fromEntries(names.map((name) => [name, observed]));
  network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "stored", behaviours });
  const [ecdsa, eddsa] = [network.madeKey("ECDSA"), network.madeKey("EdDSA")];
  const before = new Map(names.map((name) => [name, network.drawn.get(name)!.length]));
  network.onWrite = (node, batch) => {
    if (!names.includes(node)) return;
    for (const { kind, id, value } of batch) written.push(Buffer.from(`${kind} ${id} `), Buffer.from(value ?? []));
  };
  const filled = network.finished((reply) => network.coordinator.fillPresignatures(ecdsa, 2, reply));
  if ("error" in filled) throw filled.error;
  network.until(() => network.coordinator.presignatureLevels(ecdsa).every(({ ready, target }) => ready >= target));
  for (const message of ["0x00", "0x01"]) {
    expect(network.sign(ecdsa, { kind: "Message", message, blockchainKind: "Evm" })).toHaveProperty("ok");
    expect(network.sign(eddsa, { kind: "Message", message })).toHaveProperty("ok");
  }
  network.pass(1500);
  drawn = names.flatMap((name) => network.drawn.get(name)!.slice(before.get(name)));
}, 120_000);

/** Whether the disk ever had these bytes: as they are, the other way round, in hex or in base64. */
function isWritten(secret: Uint8Array): boolean {
  const all = Buffer.concat(written);
  const bytes = Buffer.from(secret);
  const forms = [bytes, Buffer.from(bytes).reverse(), Buffer.from(bytes.toString("hex"))];
  return [...forms, Buffer.from(bytes.toString("base64url").slice(0, 42))].some((one) => all.includes(one));
}

describe("what a signer writes while it makes presignatures and nonces and signs with them", () => {
  it("is something: bindings, and the audit log", () => {
    const text = Buffer.concat(written).toString("latin1");
    for (const kind of ["binding", "audit", "joined"]) expect(text).toContain(kind);
  });

  it("has none of the presignatures in it", () => {
    expect(presignatures.length).toBeGreaterThanOrEqual(4);
    for (const secrets of presignatures)
      for (const at of [0, 32, 64]) expect(isWritten(secrets.subarray(at, at + 32))).toBe(false);
  });

  it("has no randomness in it that was drawn for them", () => {
    const long = drawn.filter((one) => one.length >= 32);
    expect(long.length).toBeGreaterThan(8);
    for (const one of long) expect(isWritten(one)).toBe(false);
  });

  it("has no nonce in it: no 32 bytes of it open a commitment that was published", () => {
    const curve = group("ed25519", "fast");
    const commitments = network.file.nodes.flatMap(({ name }) =>
      outcomesOf(network, name).flatMap((one) => (one.kind === "commitments" ? one.commitments : [])),
    );
    const published = new Set(
      commitments.flatMap(({ hiding, binding }) => [hiding, binding].map((one) => Buffer.from(one).toString("hex"))),
    );
    expect(published.size).toBeGreaterThan(8);
    const values = new Set<string>();
    for (const one of written)
      for (let at = 0; at + 32 <= one.length; at += 1) values.add(one.toString("hex", at, at + 32));
    const opened = [...values].filter((value) => {
      const scalar = curve.mod(BigInt(`0x${Buffer.from(value, "hex").reverse().toString("hex")}`));
      return scalar !== 0n && published.has(Buffer.from(curve.encodePoint(curve.base(scalar))).toString("hex"));
    });
    expect(opened).toEqual([]);
  }, 120_000);
});
