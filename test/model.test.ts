import { TestUser } from "@quorate/authority/testing";
import { bytesToInteger, group, taggedHash, verifyEd25519, verifySchnorr } from "@quorate/curves";
import { modelIdentityFromSeed } from "@quorate/curves/model";
import { suite, verifySignature } from "@quorate/frost/aggregate";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "./support/virtual-network.ts";

const unhex = (digits: string) => new Uint8Array(Buffer.from(digits.replace("0x", ""), "hex"));

/** The output key of BIP-341 without scripts, on the model. */
function tweaked(publicKey: Uint8Array): Uint8Array {
  const secp256k1 = group("secp256k1", "model");
  const x = publicKey.subarray(1);
  const tweak = secp256k1.mod(bytesToInteger(taggedHash("TapTweak", x)));
  const P = secp256k1.decodePoint(Uint8Array.of(2, ...x));
  return secp256k1.encodePoint(secp256k1.add(P, secp256k1.base(tweak))).subarray(1);
}

describe("a network on the model", () => {
  it.each([
    ["EdDSA", "ed25519", { kind: "Message", message: "0x00ff" }, "00ff"],
    ["Schnorr", "taproot", { kind: "Hash", hash: "11".repeat(32), taprootMerkleRoot: "" }, "11".repeat(32)],
  ] as const)("signs %s all the way, and outside the model it is no signature", (scheme, name, body, message) => {
    const network = new VirtualNetwork({ backend: "model" });
    const key = network.madeKey(scheme);
    const signed = network.sign(key, body);
    expect(signed).toMatchObject({ ok: { status: "Signed", attempts: [{ form: "one-round", result: "signed" }] } });
    if ("error" in signed) throw signed.error;
    const { encoded } = signed.ok.result!["signature"] as { encoded: string };
    const signature = unhex(encoded);
    const publicKey = scheme === "EdDSA" ? unhex(key.publicKey) : tweaked(unhex(key.publicKey));
    const model = suite(name, "model");
    expect(verifySignature(model, publicKey, unhex(message), signature)).toBe(true);
    expect(verifySignature(model, publicKey, unhex(`${message}00`), signature)).toBe(false);
    expect(verifySignature(suite(name, "fast"), publicKey, unhex(message), signature)).toBe(false);
    expect((name === "ed25519" ? verifyEd25519 : verifySchnorr)(publicKey, unhex(message), signature)).toBe(false);
  });

  it("refuses what another key signed in the name of the admin", () => {
    const network = new VirtualNetwork({ backend: "model" });
    const key = network.madeKey();
    const other = modelIdentityFromSeed(new Uint8Array(32).fill(9));
    const impostor = new TestUser(network.admin.credentialId, other);
    const body = { kind: "Message", message: "0x00ff" };
    const authority = network.authority(key, body, impostor)!;
    const asked = () =>
      network.finished((reply) => network.coordinator.sign({ keyId: key.id, body, authority }, reply));
    expect(asked).toThrow("signature: is not one of this credential");
  });
});
