import { randomBytes } from "node:crypto";
import { idOf, keygenExecution } from "@quorate/authority";
import { group } from "@quorate/curves";
import { reconstruct, refreshSessions, seeded, sharesFrom, testConfig, testSessions } from "@quorate/keygen/testing";
import { encodeExport, sealShare } from "@quorate/keygen/transfer";
import { hex, type NetworkFile } from "@quorate/orders";
import { beforeAll, describe, expect, it } from "vitest";
import { newExportKey, type Proof, recoverExport, type ShownKey, verifyKey } from "./index.ts";

const random = (length: number) => new Uint8Array(randomBytes(length));
const RECORD = "5e".repeat(32);
const OTHER_RECORD = "5f".repeat(32);

/** A key that signers 1 to `n` of a network of three made for the record, and what is shown of it. */
function make(n = 3, seed = 1) {
  const id = idOf("key", RECORD);
  const executionId = new Uint8Array(keygenExecution(RECORD, id, 0));
  const config = { ...testConfig("secp256k1", 2, n), suite: "ecdsa-secp256k1", executionId };
  const shares = sharesFrom(testSessions(config, {}, seeded(seed)));
  const { publicKey, certificate } = shares[0]!;
  const key: ShownKey = { id, scheme: "ECDSA", curve: "secp256k1", publicKey: hex(publicKey) };
  const proof: Proof = { certificate: hex(certificate), creation: { record: RECORD } };
  return { key, proof, shares };
}

function networkOf(publicKeys: readonly string[]): NetworkFile {
  const node = (name: string, publicKey: string) => ({
    ...{ name, publicKey },
    region: "virginia",
    operator: "one",
    addresses: [],
  });
  const nodes = publicKeys.map((publicKey, at) => node(`n${at}`, publicKey));
  return {
    ...{ format: 1, networkId: "local-1", operators: [], organisations: [], nodes },
    coordinator: node("coordinator", "00".repeat(32)),
    defaults: { minSigners: 2, maxSigners: 3 },
  };
}

describe("a key", () => {
  let made: ReturnType<typeof make>;
  let network: NetworkFile;
  beforeAll(() => {
    made = make();
    network = networkOf(testConfig("secp256k1", 2, 3).participants.map((one) => hex(one.publicKey)));
  });
  const refused = (field: string) => expect.objectContaining({ name: "KeyError", field });

  it("that all signers made for this id verifies, and gets its addresses here", () => {
    const { addresses, minSigners } = verifyKey(made.key, made.proof, network);
    expect(minSigners).toBe(2);
    expect(addresses.evm).toMatch(/^0x[0-9a-fA-F]{40}$/);
    expect(addresses.p2wpkh?.mainnet).toMatch(/^bc1q/);
  });

  it("of the coordinator's own making does not: nobody of the network signed for it", () => {
    const strangers = networkOf(["11", "22", "33"].map((byte) => byte.repeat(32)));
    expect(() => verifyKey(made.key, made.proof, strangers)).toThrow(refused("certificate"));
    const { publicKey } = make(3, 2).key;
    expect(() => verifyKey({ ...made.key, publicKey }, made.proof, network)).toThrow(refused("publicKey"));
    const { certificate } = made.proof;
    const changed = `${certificate.slice(0, -2)}${certificate.endsWith("00") ? "01" : "00"}`;
    expect(() => verifyKey(made.key, { certificate: changed }, network)).toThrow(refused("certificate"));
    expect(() => verifyKey(made.key, { certificate: "not hex" }, network)).toThrow(refused("certificate"));
  });

  it("that only some signers hold, or that fewer can use than wanted, does not", () => {
    const few = make(2);
    expect(() => verifyKey(few.key, few.proof, network)).toThrow(refused("members"));
    expect(() => verifyKey(made.key, made.proof, network, 3)).toThrow(refused("minSigners"));
  });

  it("of another kind than it is shown does not", () => {
    expect(() => verifyKey({ ...made.key, scheme: "Schnorr" }, made.proof, network)).toThrow(refused("scheme"));
    expect(() => verifyKey({ ...made.key, curve: "stark" }, made.proof, network)).toThrow(refused("scheme"));
  });

  it("that was made for another record does not", () => {
    const { certificate } = made.proof;
    const told = (record: string) => ({ certificate, creation: { record } });
    expect(() => verifyKey(made.key, told(OTHER_RECORD), network)).toThrow(refused("creation"));
    const swapped = { ...made.key, id: idOf("key", OTHER_RECORD) };
    expect(() => verifyKey(swapped, told(OTHER_RECORD), network)).toThrow(refused("creation"));
  });

  it("that was refreshed verifies with the certificate of its making, and with no other", () => {
    const { sessions } = refreshSessions(made.shares, { group: group("secp256k1", "fast") });
    const now = hex(sharesFrom(sessions)[0]!.certificate);
    const creation = { record: RECORD, certificate: made.proof.certificate };
    expect(verifyKey(made.key, { certificate: now, creation }, network).epoch).toBe(1);
    expect(() => verifyKey(made.key, { certificate: now, creation: { record: RECORD } }, network)).toThrow(
      refused("creation"),
    );
    const other = make(3, 2).proof.certificate;
    expect(() =>
      verifyKey(made.key, { certificate: now, creation: { ...creation, certificate: other } }, network),
    ).toThrow(refused("creation"));
  });
});

describe("an exported key", () => {
  const made = make();
  const exportKey = newExportKey(random);
  const encryptionKey = new Uint8Array(Buffer.from(exportKey.encryptionKey, "base64"));
  const on = group("secp256k1", "fast");
  const sealed = made.shares.map(({ identifier, signingShare }) => {
    const share = BigInt(`0x${Buffer.from(signingShare.expose()).toString("hex")}`);
    const plaintext = encodeExport(on, { index: identifier, share });
    return { encryptedKeyShare: Buffer.from(sealShare(on, encryptionKey, plaintext, random)).toString("base64") };
  });
  const recovered = (encryptedKeyShares: typeof sealed, key = made.key, opener = exportKey) =>
    recoverExport(key, { minSigners: 2, encryptedKeyShares }, opener, random);

  it("is recovered from any quorum, and is the key of the public key", () => {
    const secret = reconstruct(on, made.shares).toString(16).padStart(64, "0");
    for (const some of [sealed, sealed.slice(1), sealed.slice(0, 2)])
      expect(hex(recovered(some).expose())).toBe(secret);
  });

  it("is refused where a share is missing, is another's, or the key is another", () => {
    expect(() => recovered(sealed.slice(1, 2))).toThrow(/1 shares came/);
    expect(() => recovered([sealed[0]!, sealed[0]!])).toThrow(/of one participant/);
    expect(() => recovered(sealed, make(3, 2).key)).toThrow(/do not make the private key/);
    expect(() => recovered(sealed, made.key, newExportKey(random))).toThrow(/not sealed to this key/);
  });
});
