import { describe, expect, it } from "vitest";
import { hkdfSha256, openAes256Gcm, sealAes256Gcm } from "./aead.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

describe("hkdfSha256", () => {
  it("gives the first test case of RFC 5869", () => {
    const secret = new Uint8Array(22).fill(0x0b);
    const okm = hkdfSha256(secret, bytes("000102030405060708090a0b0c"), bytes("f0f1f2f3f4f5f6f7f8f9"), 42);
    expect(Buffer.from(okm).toString("hex")).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });
});

describe("AES-256-GCM", () => {
  const key = new Uint8Array(32);
  const nonce = new Uint8Array(12);

  it("gives test case 14 of the GCM specification", () => {
    const sealed = sealAes256Gcm(key, nonce, new Uint8Array(16));
    expect(Buffer.from(sealed).toString("hex")).toBe(
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    );
  });

  it("opens what it sealed, and nothing that was changed, shortened or sealed elsewhere", () => {
    const sealed = sealAes256Gcm(key, nonce, bytes("00010203"));
    expect(openAes256Gcm(key, nonce, sealed)).toEqual(bytes("00010203"));
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(openAes256Gcm(key, nonce, changed)).toBeUndefined();
      expect(openAes256Gcm(key, nonce, sealed.subarray(0, at))).toBeUndefined();
    }
    expect(openAes256Gcm(new Uint8Array(32).fill(1), nonce, sealed)).toBeUndefined();
    expect(openAes256Gcm(key, new Uint8Array(12).fill(1), sealed)).toBeUndefined();
  });
});
