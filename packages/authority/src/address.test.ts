import { readFileSync } from "node:fs";
import { hex, unhex } from "@quorate/orders";
import { getBase58Decoder } from "@solana/kit";
import { address } from "bitcoinjs-lib";
import fc from "fast-check";
import { privateKeyToAddress } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { addresses } from "./address.ts";
import { base58 } from "./base58.ts";
import { NO_SCRIPTS, outputKey, outputScript } from "./bitcoin/taproot.ts";
import { ecdsaPair, ed25519Pair, plainKeys, taprootPair } from "./testing/keys.ts";

const bip341 = JSON.parse(
  readFileSync(new URL("../../../test/vectors/bip341-wallet.json", import.meta.url), "utf8"),
) as { scriptPubKey: { internalPubkey: string; merkleRoot: string | null; tweakedPubkey: string }[] };

const taproot = (xOnly: string) => ({ suite: "taproot" as const, publicKey: unhex(`02${xOnly}`) });

describe("addresses", () => {
  it("base58 agrees with the Solana library, leading zeros included", () => {
    const decoder = getBase58Decoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(3), (tail, zeros) => {
        const bytes = Uint8Array.of(...new Uint8Array(zeros), ...tail);
        expect(base58(bytes)).toBe(decoder.decode(bytes));
      }),
    );
  });
  it("an ed25519 key has its Solana address", () => {
    const { key } = ed25519Pair();
    expect(addresses(key)).toEqual({ solana: getBase58Decoder().decode(key.publicKey) });
  });
  it.each(bip341.scriptPubKey)("the output key is that of BIP-341: $tweakedPubkey", (vector) => {
    const merkleRoot = vector.merkleRoot === null ? NO_SCRIPTS : unhex(vector.merkleRoot);
    expect(hex(outputKey(taproot(vector.internalPubkey), merkleRoot))).toBe(vector.tweakedPubkey);
    expect(hex(outputScript(taproot(vector.internalPubkey), merkleRoot))).toBe(`5120${vector.tweakedPubkey}`);
  });
  it("the mainnet address is that of BIP-86", () => {
    const key = taproot("cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115");
    expect(addresses(key).taproot?.mainnet).toBe("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr");
  });
  it("each network has its own prefix, over the same output key", () => {
    const { key } = taprootPair(7);
    const { mainnet, testnet, regtest } = addresses(key).taproot!;
    expect([mainnet, testnet, regtest].map((address) => address.slice(0, address.indexOf("1")))).toEqual([
      "bc",
      "tb",
      "bcrt",
    ]);
    expect(addresses({ ...key, publicKey: Uint8Array.of(3, ...key.publicKey.subarray(1)) })).toEqual(addresses(key));
    expect(address.toBech32(outputKey(key, NO_SCRIPTS), 1, "bc")).toBe(mainnet);
  });
  it("an ECDSA key on secp256k1 has the Ethereum address of EIP-155's and EIP-712's examples", () => {
    expect(addresses(ecdsaPair(0x46).key).evm).toBe("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    const cow = unhex("c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4");
    expect(addresses(ecdsaPair(cow).key).evm).toBe("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
  });
  it("an ECDSA key on secp256k1 has the Ethereum address that viem gives it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 31, maxLength: 31 }), (bytes) => {
        const pair = ecdsaPair(Uint8Array.of(...bytes, 1));
        expect(addresses(pair.key).evm).toBe(privateKeyToAddress(`0x${hex(pair.privateKey)}`));
      }),
      { numRuns: 20 },
    );
  });
  it.each([...plainKeys, ecdsaPair(1, "ecdsa-p256").key])("a $suite key has none", (key) => {
    expect(addresses(key)).toEqual({});
  });
});
