import { hex, unhex } from "@quorate/orders";
import fc from "fast-check";
import { hashMessage } from "viem";
import { describe, expect, it } from "vitest";
import { deriveDigests } from "../derive.ts";
import { assemble } from "../finish.ts";
import { ecdsaPair } from "../testing/keys.ts";
import { personalMessageDigest } from "./message.ts";

describe("a personal message of Ethereum", () => {
  it.each([
    ["", "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad"],
    ["Hello World", "a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2"],
    ["Some data", "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655"],
  ])("%o has the digest that the documentation of ethers or web3 gives", (text, digest) => {
    expect(hex(personalMessageDigest(new TextEncoder().encode(text)))).toBe(digest);
  });

  it("gives the signature that the documentation of web3 gives", () => {
    const pair = ecdsaPair(unhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"));
    const body = { kind: "Message", blockchainKind: "Evm", message: hex(new TextEncoder().encode("Some data")) };
    const [item] = deriveDigests(body, pair.key).items;
    expect(item).toMatchObject({ merkleRoot: null, prehashed: false });
    expect(assemble(body, pair.key, [pair.sign(item!.message)]).signature?.encoded).toBe(
      "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
    );
  });

  it("has the digest of viem, whatever its bytes and length", () => {
    const lengths = fc.constantFrom(0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 60_000);
    const message = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
    fc.assert(
      fc.property(message, (raw) => {
        expect(`0x${hex(personalMessageDigest(raw))}`).toBe(hashMessage({ raw }));
      }),
      { numRuns: 40 },
    );
  });
});
