import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assembleDerived, bodyDigest, digestsFor, encodeSigningRequest, signatureTarget } from "@quorate/authority";
import { ecdsaPair } from "@quorate/authority/testing";
import type { KeyRecord, RequestRecord, SignRequest } from "@quorate/coordinator";
import { hex, publicId, unhex } from "@quorate/orders";
import { type Caller, GovernedApi } from "./governed.ts";
import { keyRecord } from "./node.ts";

/** The one key that stands in for all that signers would make. */
const PAIR = ecdsaPair(7);
export const PUBLIC_KEY = hex(PAIR.key.publicKey);

/** A node of an EVM chain that knows one block, and takes every transaction. */
export interface ChainStub {
  readonly url: string;
  readonly sent: string[];
  /** Answers by method that a test changes. */
  readonly answers: Record<string, unknown>;
  close(): void;
}

export async function chainStub(): Promise<ChainStub> {
  const sent: string[] = [];
  const answers: Record<string, unknown> = {
    eth_getTransactionCount: "0x5",
    eth_estimateGas: "0x5208",
    eth_getBlockByNumber: { number: "0x10", baseFeePerGas: "0x3b9aca00" },
    eth_sendRawTransaction: `0x${"ab".repeat(32)}`,
    eth_getTransactionReceipt: null,
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString());
    if (method === "eth_sendRawTransaction") sent.push(params[0]);
    const answer = answers[method];
    const body = answer instanceof Error ? { error: { message: answer.message } } : { result: answer };
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...body }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sent, answers, close: () => server.close() };
}

/** An API whose keys are all one, held whole here, so that what is asked for is signed. */
export async function assetsApi(more: Parameters<typeof GovernedApi.start>[0] = {}) {
  const api = await GovernedApi.start(more);
  const { authority } = api;
  authority.make = (id, scheme, curve): KeyRecord => {
    const suite = scheme === "ECDSA" ? "ecdsa-secp256k1" : "ed25519";
    const publicKey = scheme === "ECDSA" ? PUBLIC_KEY : keyRecord(1).publicKey;
    return { ...keyRecord(1), id, scheme, curve, suite, publicKey, name: null };
  };
  authority.onSign = (request) => signedHere(api, request);
  return { api, caller: await api.serviceAccount() };
}

/** What coordinator and signers do, with a key that is whole. */
function signedHere(api: GovernedApi, { keyId, body, authority, ...filled }: SignRequest): RequestRecord {
  const { organisation } = api;
  const logged = authority.kind === "admitted" ? organisation.requests.get(authority.requestId) : undefined;
  const transaction = logged?.filled?.slice(2) ?? filled.transaction ?? null;
  const path = authority.kind === "inline" ? authority.path : (logged?.path ?? "");
  const { form, wallet } = signatureTarget(organisation, path);
  const bytes = encodeSigningRequest(form, { body, transaction: transaction === null ? null : unhex(transaction) });
  const { key } = PAIR;
  const permitted = { form, wallet, bodyDigest: bodyDigest(body), filled: logged?.filled ?? null };
  const derived = digestsFor(permitted, bytes, key, organisation.settings);
  const signatures = derived.items.map(({ message }) => PAIR.sign(message));
  const isPending = logged?.status === "Pending";
  const at = api.authority.log.time;
  return {
    ...{ id: logged?.id ?? publicId("sig", crypto.getRandomValues(new Uint8Array(17))), keyId, body, transaction },
    ...{ bodyDigest: bodyDigest(body), externalId: (body.externalId as string | undefined) ?? null, dateRequested: at },
    ...{ deadline: at + 30_000, status: isPending ? "Pending" : "Signed", reason: null },
    ...{
      dateSigned: isPending ? null : at,
      result: isPending ? null : { ...assembleDerived(derived, key, signatures) },
    },
    ...{ attempts: [], timing: null, organisation: organisation.id, requester: { userId: "us-test" }, authority },
    ...{ path, walletId: wallet?.id ?? null },
  };
}

/** Makes a wallet through the API. */
export async function makeWallet(caller: Caller, body: Readonly<Record<string, unknown>> = {}) {
  const answer = await caller.act("POST", "/wallets", { network: "EthereumSepolia", ...body });
  if (answer.status !== 200) throw new Error(answer.body.message);
  return answer.body;
}
