import { randomBytes } from "node:crypto";
import { createPublicClient, createTestClient, type Hex, http, parseEther, serializeTransaction } from "viem";
import { sepolia } from "viem/chains";
import { describe, expect, it } from "vitest";
import type { Application } from "../application.ts";
import { refused } from "../refusals.ts";
import { application, chainUrl } from "../started.ts";

const RECIPIENT = "0x00000000000000000000000000000000000000aa";

/** A wallet with ether on the chain. */
async function funded(application: Application, chainUrl: string) {
  const { wallets } = application.client(application.admin);
  const wallet = await wallets.createWallet({ body: { network: "EthereumSepolia" } });
  const chain = createTestClient({ mode: "anvil", transport: http(chainUrl) });
  await chain.setBalance({ address: wallet.address as Hex, value: parseEther("1") });
  return { wallets, walletId: wallet.id, address: wallet.address as Hex };
}

/** Section 7, what moves money: on a node of the chain, unmodified, which takes a transaction only if everything in it is right. */
const balance = () => createPublicClient({ transport: http(chainUrl()) }).getBalance({ address: RECIPIENT });

describe("7 transfers and transactions", () => {
  it("POST, GET /wallets/:id/transfers: Native: the chain has moved what the user signed for", async () => {
    const { wallets, walletId } = await funded(application(), chainUrl());
    const before = await balance();
    const transfer = await wallets.transferAsset({
      walletId,
      body: { kind: "Native", to: RECIPIENT, amount: "1000" },
    });
    expect(transfer).toMatchObject({
      id: expect.stringMatching(/^xfr-/),
      walletId,
      network: "EthereumSepolia",
      requestBody: { kind: "Native", to: RECIPIENT, amount: "1000" },
      status: expect.stringMatching(/^(Broadcasted|Confirmed)$/),
      txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
    await expect.poll(async () => (await balance()) - before, { timeout: 20_000 }).toBe(1000n);
    const transferId = transfer.id;
    await expect
      .poll(async () => (await wallets.getTransfer({ walletId, transferId })).status, { timeout: 20_000 })
      .toBe("Confirmed");
    expect((await wallets.listTransfers({ walletId })).items.map(({ id }) => id)).toEqual([transferId]);
  });

  it("POST, GET /wallets/:id/transactions: a serialised transaction, and one given by its fields", async () => {
    const { wallets, walletId, address } = await funded(application(), chainUrl());
    const before = await balance();
    const transaction = serializeTransaction({
      type: "eip1559",
      chainId: sepolia.id,
      nonce: 0,
      to: RECIPIENT,
      value: 7n,
      gas: 21000n,
      maxFeePerGas: 10_000_000_000n,
      maxPriorityFeePerGas: 1_000_000_000n,
    });
    const whole = await wallets.broadcastTransaction({ walletId, body: { kind: "Transaction", transaction } });
    expect(whole).toMatchObject({
      id: expect.stringMatching(/^tx-/),
      walletId,
      txHash: expect.stringMatching(/^0x/),
    });
    await expect.poll(async () => (await balance()) - before, { timeout: 20_000 }).toBe(7n);
    await wallets.broadcastTransaction({ walletId, body: { kind: "Evm", to: RECIPIENT, value: "5" } });
    await expect.poll(async () => (await balance()) - before, { timeout: 20_000 }).toBe(12n);
    const { items } = await wallets.listTransactions({ walletId });
    expect(items).toHaveLength(2);
    expect(await wallets.getTransaction({ walletId, transactionId: whole.id })).toMatchObject({ id: whole.id });
    const count = await createPublicClient({ transport: http(chainUrl()) }).getTransactionCount({ address });
    expect(count).toBe(2);
  });

  it("externalId of a transfer: sent once, however often it is asked for; 409 for another amount", async () => {
    const { wallets, walletId } = await funded(application(), chainUrl());
    const before = await balance();
    const body = { kind: "Native" as const, to: RECIPIENT, amount: "3", externalId: randomBytes(8).toString("hex") };
    const first = await wallets.transferAsset({ walletId, body });
    const again = await wallets.transferAsset({ walletId, body });
    expect([again.id, again.txHash]).toEqual([first.id, first.txHash]);
    await refused(wallets.transferAsset({ walletId, body: { ...body, amount: "4" } }), 409);
    await expect.poll(async () => (await balance()) - before, { timeout: 20_000 }).toBe(3n);
  });

  it("a transfer that cannot be paid is refused, with what the chain says", async () => {
    const { wallets, walletId } = await funded(application(), chainUrl());
    const body = { kind: "Native" as const, to: RECIPIENT, amount: String(parseEther("5")) };
    const error = await wallets.transferAsset({ walletId, body }).then(
      ({ status, reason }) => ({ status, reason }),
      ({ httpStatus, message }) => ({ httpStatus, message }),
    );
    expect([{ httpStatus: 422 }, { status: "Failed" }]).toContainEqual(
      "httpStatus" in error ? { httpStatus: error.httpStatus } : { status: error.status },
    );
    expect(JSON.stringify(error)).toMatch(/funds|balance/i);
  });

  it("amounts and addresses that are none: 400 that names the field", async () => {
    const { wallets, walletId } = await funded(application(), chainUrl());
    const send = (to: string, amount: string) =>
      wallets.transferAsset({ walletId, body: { kind: "Native", to, amount } });
    await refused(send(RECIPIENT, "-1"), 400, /amount/);
    await refused(send(RECIPIENT, "1.5"), 400, /amount/);
    await refused(send("0x00", "1"), 400, /to/);
  });

  it("GET /networks/fees: what the chain asks for now", async () => {
    const { networks } = application().client(application().admin);
    const fees = await networks.getFees({ query: { network: "EthereumSepolia" } });
    expect(fees).toMatchObject({
      network: "EthereumSepolia",
      kind: "Eip1559",
      blockNumber: expect.any(Number),
      slow: { maxFeePerGas: expect.any(String), maxPriorityFeePerGas: expect.any(String) },
    });
  });
});
