import { type Addresses, addresses } from "@quorate/authority";
import type { Scheme } from "@quorate/coordinator";
import { hex } from "@quorate/orders";
import type { ApiClient, Key, Network, SignatureRequest } from "../api-client.ts";
import { checkSpend, readPsbt, readTransaction } from "../checks/bitcoin.ts";
import { CliError, EXIT } from "../exit.ts";
import { CURVES, verifyingKey } from "../key-lookup.ts";
import { duration, table } from "../output.ts";
import { hasCompany, waitForPairs } from "../pairs.ts";
import { requestRows, signersOf } from "../request-report.ts";
import { checkedResult, type SignedResult } from "../signed-result.ts";
import { type Asked, askEvm, askPsbt, askSolana, understood } from "../signing-input.ts";
import { spendPsbt } from "./bitcoin.ts";
import { ether, transferTransaction as ethereumTransfer } from "./ethereum.ts";
import { Ledger, RECIPIENT, sol, TRANSFER_LAMPORTS, transferTransaction } from "./solana.ts";

/** A key of the demonstration. */
export interface DemonstrationKey {
  readonly id: string;
  readonly name: string;
  readonly scheme: Scheme;
  readonly publicKey: string;
  /** How long it took to make; `null` for one that was found. */
  readonly madeMs: number | null;
  readonly addresses: Addresses;
}

/** One signed input: how it went, and what the other library said. */
export interface DemonstrationSignature {
  readonly what: string;
  readonly request: string;
  readonly signers: readonly string[];
  readonly attempts: number;
  readonly timing: SignatureRequest["_quorate"]["timing"];
  readonly held: boolean;
  readonly verdict: string;
  /** Hex: the signed Solana or Ethereum transaction, or the finished Bitcoin transaction. */
  readonly signed: string;
  /** Of ECDSA: how long the presignature took that it was made with; `null` for one that lay ready. */
  readonly presignMs?: number | null;
}

export interface DemonstrationReport {
  /** Whether every signature held. */
  readonly held: boolean;
  readonly keys: readonly DemonstrationKey[];
  readonly signatures: readonly DemonstrationSignature[];
}

/** Prints one line. */
export type Print = (line: string) => void;

/** The keys of the demonstration, by scheme. */
export const DEMONSTRATION_KEYS = { EdDSA: "demo-eddsa", Schnorr: "demo-schnorr", ECDSA: "demo-ecdsa" } as const;

/**
 * Shows that a network signs for real: finds or makes a key of each scheme, has a Solana transfer, a Bitcoin taproot spend and an
 * Ethereum transfer signed, and has them judged by libraries that had no part in it.
 *
 * @throws CliError if the network does not sign, or answers something that does not verify
 */
export async function runDemonstration(client: ApiClient, print: Print): Promise<DemonstrationReport> {
  const network = await client.network();
  const known = await client.keys();
  const eddsa = await demonstrationKey(client, known, "EdDSA");
  const schnorr = await demonstrationKey(client, known, "Schnorr");
  const ecdsa = await demonstrationKey(client, known, "ECDSA");
  const keys = [eddsa, schnorr, ecdsa];
  for (const key of keys) printKey(key, print);
  const scene = { client, network, print };
  const signatures = [
    await signTransfer(scene, eddsa),
    await signSpend(scene, schnorr),
    await signEthereumTransfer(scene, ecdsa),
  ];
  return { held: signatures.every(({ held }) => held), keys: keys.map(({ shown }) => shown), signatures };
}

interface Scene {
  readonly client: ApiClient;
  readonly network: Network;
  readonly print: Print;
}

interface OwnKey {
  readonly key: Key;
  readonly shown: DemonstrationKey;
}

async function demonstrationKey(client: ApiClient, known: readonly Key[], scheme: Scheme): Promise<OwnKey> {
  const name = DEMONSTRATION_KEYS[scheme];
  const found = known.find((one) => one.name === name && one.scheme === scheme);
  const startedMs = performance.now();
  const key = found ?? (await client.createKey({ scheme, curve: CURVES[scheme][0], name }));
  const madeMs = found === undefined ? performance.now() - startedMs : null;
  const { id, publicKey } = key;
  return { key, shown: { id, name, scheme, publicKey, madeMs, addresses: addresses(verifyingKey(key)) } };
}

function printKey({ shown }: OwnKey, print: Print): void {
  const { name, scheme, madeMs, addresses: own } = shown;
  const { solana, evm, taproot } = own;
  print(madeMs === null ? `found key ${name} (${scheme})` : `made key ${name} (${scheme}) in ${duration(madeMs)}`);
  const rows = [
    ["id", shown.id],
    ...(solana ? [["Solana", solana]] : []),
    ...(taproot ? [["taproot", taproot.regtest]] : []),
    ...(evm ? [["Ethereum", evm]] : []),
  ];
  for (const line of table(rows)) print(line);
}

/** A transfer on Solana: signed by the network, executed by LiteSVM. */
async function signTransfer(scene: Scene, { key, shown }: OwnKey): Promise<DemonstrationSignature> {
  const from = shown.addresses.solana!;
  const ledger = await Ledger.open();
  ledger.fund(from);
  const wire = transferTransaction({ from, to: RECIPIENT, lamports: TRANSFER_LAMPORTS, blockhash: ledger.blockhash });
  const { request, result } = await signed(scene, key, askSolana(wire));
  const { executed, error, before, after } = ledger.execute(result.signedData!, from);
  const moved = after.to - before.to === TRANSFER_LAMPORTS;
  const verdict = executed
    ? `LiteSVM executed it: payer ${sol(before.from)} -> ${sol(after.from)}, recipient ${sol(before.to)} -> ${sol(after.to)}`
    : `LiteSVM refused it: ${error}`;
  return told(scene, request, {
    what: `Solana transfer of ${sol(TRANSFER_LAMPORTS)}`,
    held: executed && moved,
    verdict,
    signed: hex(result.signedData!),
  });
}

/** A taproot key-path spend on Bitcoin: signed by the network, its witness checked by bitcoinjs-lib and libsecp256k1. */
async function signSpend(scene: Scene, { key }: OwnKey): Promise<DemonstrationSignature> {
  const psbt = spendPsbt(verifyingKey(key).publicKey);
  const { request, result } = await signed(scene, key, askPsbt(psbt));
  const { transaction } = result;
  if (transaction === undefined)
    throw new CliError(EXIT.safety, `the PSBT of request ${request.id} came back unfinished`);
  const verdicts = checkSpend(readTransaction(transaction, readPsbt(psbt)));
  const held = verdicts.every(({ verdict }) => verdict === "valid");
  return told(scene, request, {
    what: "Bitcoin taproot spend",
    held,
    verdict: `bitcoinjs-lib and libsecp256k1 find the witness ${held ? "valid" : "NOT valid"}`,
    signed: hex(transaction),
  });
}

/**
 * A transfer on Ethereum: signed in one round trip with a presignature; its sender, recovered by libsecp256k1 from what ox reads in
 * it, is the key's address.
 */
async function signEthereumTransfer(scene: Scene, { key, shown }: OwnKey): Promise<DemonstrationSignature> {
  const presignMs = await presigned(scene, key);
  const { request, result } = await signed(scene, key, askEvm(ethereumTransfer()));
  const { ethereum, signedData } = result;
  if (ethereum === undefined || signedData === undefined) throw new Error("an Ethereum transfer was not read");
  const { attempts } = request._quorate;
  const own = shown.addresses.evm;
  const signature = told(
    scene,
    request,
    {
      what: `Ethereum transfer of ${ether(ethereum.value)}`,
      held: ethereum.sender === own && attempts.length === 1 && attempts[0]?.form === "one-round",
      verdict: `ox and libsecp256k1 recover the sender ${ethereum.sender}, ${ethereum.sender === own ? "" : "NOT "}the key's address`,
      signed: hex(signedData),
    },
    [["presigned", presignMs === null ? "before" : `in ${duration(presignMs)}, before there was anything to sign`]],
  );
  return { ...signature, presignMs };
}

/** Sees to a presignature of a key. @returns how long it took, `null` if one lay ready */
async function presigned({ client, print }: Scene, { id }: Key): Promise<number | null> {
  const { pools } = await client.presignatures(id);
  if (pools.some(({ ready }) => ready > 0)) return null;
  const { minSigners, members } = await client.keyDetails(id);
  const nodes = members.map(({ node }) => node);
  const waitedMs = performance.now();
  await waitForPairs(client, (network) => hasCompany(network.pairs, nodes, minSigners));
  const startedMs = performance.now();
  if (startedMs - waitedMs > 500) print(`waited ${duration(startedMs - waitedMs)} for pairs that ECDSA needs`);
  await client.fillPresignatures(id, 1);
  return performance.now() - startedMs;
}

async function signed(
  { client }: Scene,
  key: Key,
  asked: Asked,
): Promise<{ request: SignatureRequest; result: SignedResult }> {
  const facts = verifyingKey(key);
  const input = understood(asked, facts);
  const request = await client.sign(key.id, input.body);
  return { request, result: checkedResult(request, input, facts) };
}

function told(
  { network, print }: Scene,
  request: SignatureRequest,
  judged: Pick<DemonstrationSignature, "what" | "held" | "verdict" | "signed">,
  more: readonly (readonly string[])[] = [],
): DemonstrationSignature {
  const { attempts, timing } = request._quorate;
  print(`signed ${judged.what}`);
  const rows = [["judged", judged.verdict], ...more, ...requestRows(request, network)];
  for (const line of table(rows)) print(line);
  return { ...judged, request: request.id, signers: signersOf(request), attempts: attempts.length, timing };
}
