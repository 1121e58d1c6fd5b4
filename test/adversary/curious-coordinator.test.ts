import { H } from "@quorate/curves";
import { suite } from "@quorate/frost";
import { decodeShare } from "@quorate/keygen";
import { describe, expect, it } from "vitest";
import { VirtualNetwork } from "../support/virtual-network.ts";

const request = { kind: "Message", message: "68656c6c6f" };

/** A secret in every form in which it could have slipped out. */
function forms(secret: Uint8Array): readonly Buffer[] {
  const raw = Buffer.from(secret);
  const hex = raw.toString("hex");
  // Base64 of a secret inside a longer text depends on its place: all three alignments, without their ends.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), raw])
      .toString("base64")
      .slice(4, 40),
  );
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const texts = [hex, hex.toUpperCase(), ...base64, ...url, BigInt(`0x${hex}`).toString()];
  return [raw, Buffer.from(raw.toReversed()), ...texts.map((text) => Buffer.from(text))];
}

/** Everything that the coordinator received, stored or said. */
function recording(network: VirtualNetwork): Buffer {
  const received = network.traffic.filter((message) => message.to === "coordinator").map((message) => message.bytes);
  const stored = [...network.disks.get("coordinator")!.values()].map((one) => one.value ?? new Uint8Array());
  const said = network.events.map((event) => Buffer.from(JSON.stringify(event)));
  return Buffer.concat([...received, ...stored, ...said]);
}

/** The secrets of all signers: shares, chain codes, and every nonce that they can have made. */
function secrets(network: VirtualNetwork): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const [name, disk] of network.disks) {
    for (const record of disk.values()) {
      if (record.kind !== "share") continue;
      const share = decodeShare(record.value!);
      const { H3, group } = suite(share.suite as "ed25519", "fast");
      const nonces = (network.drawn.get(name) ?? [])
        .filter((bytes) => bytes.length === 32)
        .map((bytes) => group.encodeScalar(H3(Buffer.concat([bytes, share.signingShare.expose()]))));
      found.push(share.signingShare.expose(), share.chainCode.expose(), ...nonces);
    }
  }
  return found;
}

describe("a coordinator that keeps everything", () => {
  it("has no share, chain code or nonce in what it received, stored or said, in any encoding", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey("EdDSA");
    const taproot = network.madeKey("Schnorr");
    network.sign(key, request);
    network.forgetCommitments();
    network.sign(key, request);
    network.sign(taproot, { kind: "Hash", hash: "11".repeat(32), taprootMerkleRoot: "" });
    const everything = recording(network);
    const known = secrets(network);
    expect(known.length).toBeGreaterThan(100);
    const leaked = known.filter((secret) => forms(secret).some((form) => everything.includes(form)));
    expect(leaked).toEqual([]);
  });

  it("would be caught: the search finds a secret that is there", () => {
    const secret = H("test", "secret", new Uint8Array());
    for (const form of forms(secret)) {
      const everything = Buffer.concat([Buffer.from("before "), form, Buffer.from(" after")]);
      expect(forms(secret).some((one) => everything.includes(one))).toBe(true);
    }
  });
});
