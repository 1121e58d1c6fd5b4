import { verify } from "@noble/secp256k1";
import { deriveTransfer, filledFor, idOf } from "@quorate/authority";
import type { Export, KeyRecord, RequestAuthority, RequestRecord } from "@quorate/coordinator";
import { hex, unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { Users } from "./support/user.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const TO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const TRANSFER = { kind: "Native", to: TO, amount: "1000" };
const FILLING = { nonce: 1n, gas: 21_000n, maxFeePerGas: 2_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
/** From the format's test vector. */
const ENCRYPTION_KEY = "AQNPNVvct8wK9yjvPM65YV2QaEu1sspfhZqw8LcEB1hxqg==";

function scene(options: ConstructorParameters<typeof VirtualNetwork>[0] = {}) {
  const network = new VirtualNetwork({ ...options });
  const users = new Users(network);
  const committed = (asked: Parameters<Users["act"]>[0]) => {
    const result = users.act(asked);
    if ("error" in result) throw result.error;
    return result.ok.hash;
  };
  return { network, users, committed };
}

/** A wallet on a test network of Ethereum, with the key that the signers made for it. */
function walletScene() {
  const { network, users, committed } = scene({ signers: 3, minSigners: 2, pairs: "made" });
  const hash = committed({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } });
  const made = users.made(idOf("key", hash));
  if ("error" in made) throw made.error;
  const wallet = users.state.wallets.get(idOf("wa", hash))!;
  const facts = { suite: made.ok.suite, publicKey: unhex(made.ok.publicKey) };
  const path = `/wallets/${wallet.id}/transfers`;
  const asked = (body: Readonly<Record<string, unknown>>, transaction: Uint8Array) => {
    return { method: "POST", path, body, filled: `0x${hex(transaction)}` } as const;
  };
  const sign = (body: Readonly<Record<string, unknown>>, authority: RequestAuthority, transaction?: string) => {
    const call = { keyId: made.ok.id, body, authority, ...(transaction === undefined ? {} : { transaction }) };
    return network.finished<RequestRecord>((reply) => network.coordinator.sign(call, reply));
  };
  const admitted = (body: Readonly<Record<string, unknown>>, transaction: Uint8Array) => {
    const requestId = idOf("xfr", committed(asked(body, transaction)));
    return { kind: "admitted", organisation: users.id, requestId } as const;
  };
  return { network, users, wallet, facts, path, asked, sign, admitted };
}

describe("a transfer", () => {
  it("is signed by the network as the transaction of its wallet that its user meant", () => {
    const { users, wallet, facts, sign, admitted } = walletScene();
    const transaction = filledFor("transfer", TRANSFER, wallet, facts, FILLING)!;
    const result = sign(TRANSFER, admitted(TRANSFER, transaction));
    if ("error" in result) throw result.error;
    expect(result.ok).toMatchObject({ status: "Signed", walletId: wallet.id });
    const { items } = deriveTransfer(TRANSFER, transaction, wallet, facts, users.state.settings);
    const { r, s } = result.ok.result!.signature as Readonly<Record<string, string>>;
    const signature = unhex(`${r!.slice(2)}${s!.slice(2)}`);
    expect(verify(signature, items[0]!.message, facts.publicKey, { prehash: false })).toBe(true);
    expect(result.ok.result!.signedData).toMatch(new RegExp(`^0x02f8.*${TO.slice(2).toLowerCase()}`));
  });

  it("that was filled in for somebody else is refused before any signer hears of it", () => {
    const { users, wallet, facts, asked } = walletScene();
    const other = { ...TRANSFER, to: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC" };
    const transaction = filledFor("transfer", other, wallet, facts, FILLING)!;
    const { height } = users.state.head;
    expect(users.act(asked(TRANSFER, transaction))).toMatchObject({
      error: { field: "transaction", message: expect.stringContaining("goes to another address than the user signed") },
    });
    expect(users.state.head.height).toBe(height);
  });

  it("is signed as the log has it, whatever else is filled in for it afterwards, and not without the log", () => {
    const { network, users, wallet, facts, path, sign, admitted } = walletScene();
    const filled = (nonce: bigint) => filledFor("transfer", TRANSFER, wallet, facts, { ...FILLING, nonce })!;
    const other = hex(filled(2n));
    const result = sign(TRANSFER, admitted(TRANSFER, filled(1n)), other);
    expect(result).toMatchObject({ ok: { status: "Signed", transaction: hex(filled(1n)) } });
    const { proof } = users.action({ method: "POST", path, body: TRANSFER });
    const inline = { kind: "inline", organisation: users.id, method: "POST", path, assertion: proof! } as const;
    const before = network.traffic.length;
    expect(() => sign(TRANSFER, inline, other)).toThrow("it has to be admitted to the log first");
    expect(network.traffic.length).toBe(before);
  });
});

describe("what a record has done with a key", () => {
  it("is done: new shares, and an export after which nobody signs", () => {
    const { network, users, committed } = scene();
    const key = users.key();
    const call = (record: string) => ({ organisation: users.id, keyId: key.id, record });
    const refreshed = committed({ method: "POST", path: `/keys/${key.id}/refresh` });
    const fresh = network.finished<KeyRecord>((reply) => network.coordinator.refreshCaused(call(refreshed), reply));
    expect(fresh).toMatchObject({ ok: { id: key.id, epoch: 1 } });
    expect(() => network.coordinator.exportCaused(call(refreshed), () => {})).toThrow("go through an export");
    const supportedSchemes = [{ protocol: "FROST", curve: "ed25519" }];
    const body = { encryptionKey: ENCRYPTION_KEY, supportedSchemes };
    const exported = committed({ method: "POST", path: `/keys/${key.id}/export`, body });
    const given = network.finished<Export>((reply) => network.coordinator.exportCaused(call(exported), reply));
    expect(given).toMatchObject({ ok: { shares: expect.arrayContaining([expect.anything()]) } });
    const message = { kind: "Message", message: "0x00" };
    expect(() => users.sign(key, message)).toThrow("exported");
  });
});
