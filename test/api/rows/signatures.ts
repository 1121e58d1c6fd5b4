import { createPublicKey, randomBytes, verify } from "node:crypto";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { taprootTweakPubkey } from "@scure/btc-signer/utils.js";
import {
  type Address,
  address,
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getAddressDecoder,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import {
  type Hex,
  hashTypedData,
  parseTransaction,
  recoverAddress,
  recoverMessageAddress,
  recoverTransactionAddress,
  serializeTransaction,
} from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { describe, expect, it } from "vitest";
import type { Application } from "../application.ts";
import { newPem } from "../material.ts";
import { endUser } from "../person.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

type Keys = ReturnType<Application["client"]>["keys"];
type Body = Parameters<Keys["generateSignature"]>[0]["body"];
type Signed = Awaited<ReturnType<Keys["generateSignature"]>>;

const SCALAR = /^0x[0-9a-f]{64}$/;
const hashed = () => randomBytes(32).toString("hex");
const bytes = (hex: string) => Buffer.from(hex.replace(/^0x/, ""), "hex");
const compact = ({ signature }: Signed) => Buffer.concat([bytes(signature!.r), bytes(signature!.s)]);
const addressOf = (publicKey: string) =>
  publicKeyToAddress(`0x${Buffer.from(secp256k1.Point.fromHex(publicKey).toBytes(false)).toString("hex")}`);

const SPEC = {
  ECDSA: { scheme: "ECDSA", curve: "secp256k1" },
  EdDSA: { scheme: "EdDSA", curve: "ed25519" },
  Schnorr: { scheme: "Schnorr", curve: "secp256k1" },
} as const;

/** Keys of the admin, each made once. */
class Bench {
  readonly #application: () => Application;
  readonly #made = new Map<string, Promise<{ id: string; publicKey: string }>>();

  constructor(application: () => Application) {
    this.#application = application;
  }

  get keys(): Keys {
    return this.#application().client(this.#application().admin).keys;
  }

  key(scheme: keyof typeof SPEC): Promise<{ id: string; publicKey: string }> {
    const made = this.#made.get(scheme) ?? this.keys.createKey({ body: SPEC[scheme] });
    this.#made.set(scheme, made);
    return made;
  }

  async sign(scheme: keyof typeof SPEC, body: Body): Promise<{ signed: Signed; publicKey: string }> {
    const { id, publicKey } = await this.key(scheme);
    return { signed: await this.keys.generateSignature({ keyId: id, body }), publicKey };
  }
}

const bench = new Bench(application);

function ed25519Key(publicKey: string) {
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  return createPublicKey({ key: Buffer.concat([prefix, bytes(publicKey)]), format: "der", type: "spki" });
}

describe("6 signatures", () => {
  it("Hash by ECDSA: r, s (low) and recid, verified by noble over the 32 bytes themselves", async () => {
    const hash = hashed();
    const { signed, publicKey } = await bench.sign("ECDSA", { kind: "Hash", hash });
    const { r, s, recid } = signed.signature!;
    expect([r, s]).toEqual([expect.stringMatching(SCALAR), expect.stringMatching(SCALAR)]);
    const options = { prehash: false, lowS: true } as const;
    expect(secp256k1.verify(compact(signed), bytes(hash), bytes(publicKey), options)).toBe(true);
    const recovered = await recoverAddress({
      hash: `0x${hash}`,
      signature: { r: r as Hex, s: s as Hex, yParity: recid! },
    });
    expect(recovered).toBe(addressOf(publicKey));
  });

  it("Hash by EdDSA: r then s is the signature of RFC 8032 over the 32 bytes", async () => {
    const hash = `0x${hashed()}`;
    const { signed, publicKey } = await bench.sign("EdDSA", { kind: "Hash", hash });
    expect(signed.signature).not.toHaveProperty("recid");
    expect(verify(null, bytes(hash), ed25519Key(publicKey), compact(signed))).toBe(true);
  });

  it.each(["", hashed()])(
    "Hash by Schnorr with taprootMerkleRoot %j: verifies under the tweaked key of BIP 341",
    async (root) => {
      const hash = hashed();
      const { signed, publicKey } = await bench.sign("Schnorr", { kind: "Hash", hash, taprootMerkleRoot: root });
      const [output] = taprootTweakPubkey(bytes(publicKey).subarray(1), bytes(root));
      expect(schnorr.verify(compact(signed), bytes(hash), output)).toBe(true);
      expect(schnorr.verify(compact(signed), bytes(hash), bytes(publicKey).subarray(1))).toBe(false);
    },
  );

  it("Hash by Schnorr without taprootMerkleRoot, and hashes of another length: 400 that names the field", async () => {
    await refused(bench.sign("Schnorr", { kind: "Hash", hash: hashed() }), 400, /taprootMerkleRoot/);
    for (const hash of ["", "00", hashed().slice(2), `${hashed()}00`, "zz".repeat(32)]) {
      await refused(bench.sign("EdDSA", { kind: "Hash", hash }), 400, /hash/);
    }
  });
});

describe("6 signatures", () => {
  it("Message by EdDSA: the bytes as they are", async () => {
    const message = Buffer.from("any text").toString("hex");
    const { signed, publicKey } = await bench.sign("EdDSA", { kind: "Message", message });
    expect(verify(null, bytes(message), ed25519Key(publicKey), compact(signed))).toBe(true);
    expect(bytes(signed.signature!.encoded!)).toEqual(compact(signed));
  });

  it("Message with blockchainKind Evm: a personal message that viem recovers", async () => {
    const message = Buffer.from("any text").toString("hex");
    const { signed, publicKey } = await bench.sign("ECDSA", { kind: "Message", message, blockchainKind: "Evm" });
    const signature = signed.signature!.encoded as Hex;
    expect(await recoverMessageAddress({ message: "any text", signature })).toBe(addressOf(publicKey));
  });

  it("Transaction of an EVM chain: signedData is the whole signed transaction", async () => {
    const transaction = serializeTransaction({
      type: "eip1559",
      chainId: 11155111,
      nonce: 1,
      to: "0x00000000000000000000000000000000000000aa",
      value: 5n,
      gas: 21000n,
      maxFeePerGas: 2n,
      maxPriorityFeePerGas: 1n,
    });
    const { signed, publicKey } = await bench.sign("ECDSA", {
      kind: "Transaction",
      transaction,
      network: "EthereumSepolia",
    });
    const serializedTransaction = signed.signedData as `0x02${string}`;
    expect(await recoverTransactionAddress({ serializedTransaction })).toBe(addressOf(publicKey));
    expect(parseTransaction(serializedTransaction)).toMatchObject({ value: 5n, nonce: 1 });
  });

  it("Eip712: the typed data that viem hashes", async () => {
    const typed = {
      types: { EIP712Domain: [{ name: "name", type: "string" }], Mail: [{ name: "text", type: "string" }] },
      domain: { name: "Post" },
      message: { text: "hello" },
    };
    const body = { kind: "Eip712", ...typed, blockchainKind: "Evm" } as unknown as Body;
    const { signed, publicKey } = await bench.sign("ECDSA", body);
    const hash = hashTypedData({ ...typed, primaryType: "Mail" } as unknown as Parameters<typeof hashTypedData>[0]);
    expect(await recoverAddress({ hash, signature: signed.signature!.encoded as Hex })).toBe(addressOf(publicKey));
  });

  it("Transaction of Solana: signedData begins with the signature of the message", async () => {
    const { publicKey } = await bench.key("EdDSA");
    const payer = getAddressDecoder().decode(bytes(publicKey));
    const { signed } = await bench.sign("EdDSA", {
      kind: "Transaction",
      transaction: Buffer.from(solanaTransfer(payer)).toString("hex"),
      network: "SolanaDevnet",
    });
    const data = bytes(signed.signedData!);
    expect(data.subarray(1, 65)).toEqual(compact(signed));
    expect(verify(null, data.subarray(65), ed25519Key(publicKey), compact(signed))).toBe(true);
  });

  it("a kind that the key does not sign: 400 that says what it does sign", async () => {
    const error = await refused(bench.sign("ECDSA", { kind: "Message", message: "00" }), 400);
    expect(JSON.stringify(error.context)).toMatch(/blockchainKind/);
    const odd = { kind: "Bip322", message: "00" } as Body;
    const other = await refused(bench.sign("Schnorr", odd), 400, /Bip322/);
    expect(JSON.stringify(other.context)).toMatch(/Hash/);
    await refused(bench.sign("ECDSA", { kind: "SignDocDirect", signDoc: "00" }), 400, /SignDocDirect/);
  });
});

function solanaTransfer(payer: Address): Uint8Array {
  const destination = address("GDhQoTpNbYUaCAjFKBMCPCdrCaKaLiSqhx5M7r4SrEFy");
  const lifetime = { blockhash: blockhash("4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"), lastValidBlockHeight: 1n };
  const transfer = getTransferSolInstruction({ source: createNoopSigner(payer), destination, amount: 1n });
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstruction(transfer, m),
  );
  return Uint8Array.from(getTransactionEncoder().encode(compileTransaction(message)));
}

describe("6 signatures", () => {
  it("POST /keys/:id/signatures: the answer carries the signature, who asked, and the body as it came", async () => {
    const requestBody = { kind: "Message" as const, message: "0xabcd" };
    const { signed } = await bench.sign("EdDSA", requestBody);
    expect(signed).toMatchObject({
      id: expect.stringMatching(/^sig-/),
      keyId: (await bench.key("EdDSA")).id,
      requester: { userId: expect.stringMatching(/^us-/) },
      requestBody,
      status: "Signed",
      signature: { r: expect.stringMatching(SCALAR), s: expect.stringMatching(SCALAR) },
      dateRequested: expect.stringMatching(/Z$/),
      dateSigned: expect.stringMatching(/Z$/),
    });
  });

  it("GET /keys/:id/signatures, /:sid: every request, page by page, as it was answered", async () => {
    const { id: keyId } = await bench.keys.createKey({ body: SPEC.EdDSA });
    const made: string[] = [];
    for (const message of ["01", "02", "03"]) {
      made.push((await bench.keys.generateSignature({ keyId, body: { kind: "Message", message } })).id);
    }
    const first = await bench.keys.listSignatures({ keyId, query: { limit: "2" } });
    const second = await bench.keys.listSignatures({
      keyId,
      query: { limit: "2", paginationToken: first.nextPageToken! },
    });
    expect(first.keyId).toBe(keyId);
    expect([...first.items, ...second.items].map(({ id }) => id).sort()).toEqual(made.toSorted());
    const one = await bench.keys.getSignature({ keyId, signatureId: made[0]! });
    expect(one).toEqual([...first.items, ...second.items].find(({ id }) => id === made[0]));
    const other = await bench.key("EdDSA");
    await refused(bench.keys.getSignature({ keyId: other.id, signatureId: made[0]! }), 404);
  });

  it("externalId: the same body gives the request first made; another body is 409 and names it", async () => {
    const { id: keyId } = await bench.key("EdDSA");
    const externalId = randomBytes(8).toString("hex");
    const body = { kind: "Message" as const, message: "aa", externalId };
    const first = await bench.keys.generateSignature({ keyId, body });
    const again = await bench.keys.generateSignature({ keyId, body });
    expect([again.id, again.signature]).toEqual([first.id, first.signature]);
    const error = await refused(bench.keys.generateSignature({ keyId, body: { ...body, message: "bb" } }), 409);
    expect(error.context).toMatchObject({ body: { error: { details: { duplicate: { id: first.id, externalId } } } } });
  });

  it("somebody who may not: 403 naming kind of user, user and operation", async () => {
    const app = application();
    const { id: keyId } = await bench.key("EdDSA");
    const person = await endUser(app);
    const body = { kind: "Message" as const, message: "00" };
    await refused(person.client.keys.generateSignature({ keyId, body }), 403);
    const { publicKey, privateKey } = newPem();
    const account = await app.client(app.admin).auth.createServiceAccount({
      body: { name: randomBytes(6).toString("hex"), publicKey },
    });
    const { accessToken, credId } = account.accessTokens[0]!;
    const bot = app.client({ token: accessToken!, credId, privateKey });
    const says = new RegExp(`ServiceAccount ${account.userInfo.userId}.*Keys:Signatures:Create`);
    await refused(bot.keys.generateSignature({ keyId, body }), 403, says);
  });

  it("a key that is not there, and one of another kind of id: 404", async () => {
    for (const keyId of ["key-aaaaa-bbbbb-cccccccccccccccc", "wa-aaaaa-bbbbb-cccccccccccccccc"]) {
      await refused(bench.keys.generateSignature({ keyId, body: { kind: "Message", message: "00" } }), 404);
    }
  });
});
