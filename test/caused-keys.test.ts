import type { Export, KeyRecord, Result } from "@quorate/coordinator";
import { evaluate, group as groupNamed, randomScalar } from "@quorate/curves";
import { decodeExport, encodeImport, encryptionKeyOf, openShare, recombine, sealShare } from "@quorate/keygen/transfer";
import { signerIdOf } from "@quorate/orders";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, it } from "vitest";
import { Users } from "./support/user.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const MESSAGE = { kind: "Message", message: "0xdeadbeef" };
const random = seededRandom(9);
const secp256k1 = groupNamed("secp256k1", "fast");
const ed25519 = groupNamed("ed25519", "fast");
const RECIPIENT = randomScalar(secp256k1, random);
const EXPORT = {
  encryptionKey: Buffer.from(encryptionKeyOf(secp256k1, RECIPIENT)).toString("base64"),
  supportedSchemes: [{ protocol: "FROST", curve: "ed25519" }],
};

function scene() {
  const network = new VirtualNetwork();
  network.pass(10);
  return { network, users: new Users(network) };
}

function ok<T>(result: Result<T>): T {
  if ("error" in result) throw result.error;
  return result.ok;
}

/** A user has the log take this, and the coordinator carries it out. */
function asked(users: Users, key: string, what: "export" | "refresh", body: Readonly<Record<string, unknown>> = {}) {
  const { hash } = ok(users.act({ method: "POST", path: `/keys/${key}/${what}`, body }));
  return { organisation: users.id, keyId: key, record: hash };
}

function opened(key: KeyRecord, { shares }: Export): bigint {
  const open = shares.map(({ sealedShare }) => {
    using plaintext = openShare(secp256k1, RECIPIENT, sealedShare, random);
    return decodeExport(ed25519, plaintext.expose());
  });
  return recombine(ed25519, open, Buffer.from(key.publicKey, "hex"));
}

describe("in a network of an organisation", () => {
  it("a key gets new shares when its user asks, and signs on", () => {
    const { network, users } = scene();
    const key = users.key();
    const record = asked(users, key.id, "refresh");
    const after = ok(network.finished<KeyRecord>((reply) => network.coordinator.refreshCaused(record, reply)));
    expect(after).toMatchObject({ id: key.id, epoch: 1, publicKey: key.publicKey });
    expect(users.sign(after, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
  });

  it("a key leaves when its user asks, sealed to whom the user named, and signs no more", () => {
    const { network, users } = scene();
    const key = users.key();
    const record = asked(users, key.id, "export", EXPORT);
    const given = ok(network.finished<Export>((reply) => network.coordinator.exportCaused(record, reply)));
    expect(opened(key, given)).toBeGreaterThan(0n);
    expect(() => users.sign(key, MESSAGE)).toThrow("exported");
  });

  it("a key arrives as its user sent it, under the id that the log gave it, and leaves as it came", () => {
    const { network, users } = scene();
    const secret = randomScalar(ed25519, random);
    const coefficients = [secret, randomScalar(ed25519, random), randomScalar(ed25519, random)];
    const signers = network.coordinator.signers().toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey));
    const shares = signers.map((_, at) => evaluate(ed25519, coefficients, BigInt(at + 1)));
    const publicShares = shares.map((one) => ed25519.base(one));
    const encryptedKeyShares = signers.map(({ publicKey, encryption }, at) => {
      const plaintext = encodeImport(ed25519, { share: shares[at]!, publicShares });
      const sealed = sealShare(secp256k1, encryption!.encryptionKey, plaintext, random);
      return { signerId: signerIdOf(publicKey), encryptedKeyShare: Buffer.from(sealed).toString("base64") };
    });
    const body = { curve: "ed25519", protocol: "FROST", minSigners: 3, encryptedKeyShares };
    const { hash } = ok(users.act({ method: "POST", path: "/keys/import", body }));
    const [id] = [...users.state.keys.keys()];
    const record = { organisation: users.id, keyId: id!, record: hash };
    const importing = () => network.finished<KeyRecord>((reply) => network.coordinator.importCaused(record, reply));
    const key = ok(importing());
    network.pass(10);
    expect(key).toMatchObject({ id, imported: true });
    expect(ok(importing())).toEqual(key);
    expect(users.sign(key, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
    const away = asked(users, key.id, "export", EXPORT);
    const given = ok(network.finished<Export>((reply) => network.coordinator.exportCaused(away, reply)));
    expect(opened(key, given)).toBe(secret);
  });

  it("nothing of that is done without a record", () => {
    const { network, users } = scene();
    const key = users.key();
    const none = { organisation: users.id, keyId: key.id, record: "00".repeat(32) };
    expect(() => network.coordinator.refreshCaused(none, () => {})).toThrow("no record");
    expect(() => network.coordinator.exportCaused(none, () => {})).toThrow("no record");
    expect(() => network.coordinator.importCaused(none, () => {})).toThrow("no record");
    expect(users.sign(key, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
  });
});
