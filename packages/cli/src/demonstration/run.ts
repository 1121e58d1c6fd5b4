import { type Addresses, addresses } from "@quorate/authority";
import { hex } from "@quorate/orders";
import type { ApiClient, Key, Network, SignatureRequest } from "../api-client.ts";
import { checkSpend, readPsbt, readTransaction } from "../checks/bitcoin.ts";
import { CliError, EXIT } from "../exit.ts";
import { CURVES, type SignScheme, verifyingKey } from "../key-lookup.ts";
import { table } from "../output.ts";
import { requestRows, signersOf } from "../request-report.ts";
import { checkedResult, type SignedResult } from "../signed-result.ts";
import { type Asked, askPsbt, askSolana, understood } from "../signing-input.ts";
import { spendPsbt } from "./bitcoin.ts";
import { Ledger, RECIPIENT, sol, TRANSFER_LAMPORTS, transferTransaction } from "./solana.ts";

/** A key of the demonstration. */
export interface DemonstrationKey {
  readonly id: string;
  readonly name: string;
  readonly scheme: SignScheme;
  readonly publicKey: string;
  /** Made now, not found. */
  readonly made: boolean;
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
  /** Hex: the signed Solana transaction or the finished Bitcoin transaction. */
  readonly signed: string;
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
export const DEMONSTRATION_KEYS = { EdDSA: "demo-eddsa", Schnorr: "demo-schnorr" } as const;

/**
 * Shows that a network signs for real: finds or makes two keys, has a Solana transfer and a Bitcoin taproot spend signed, and has
 * both judged by libraries that had no part in it.
 *
 * @throws CliError if the network does not sign, or answers something that does not verify
 */
export async function runDemonstration(client: ApiClient, print: Print): Promise<DemonstrationReport> {
  const network = await client.network();
  const known = await client.keys();
  const eddsa = await demonstrationKey(client, known, "EdDSA");
  const schnorr = await demonstrationKey(client, known, "Schnorr");
  for (const key of [eddsa, schnorr]) printKey(key, print);
  const scene = { client, network, print };
  const signatures = [await signTransfer(scene, eddsa), await signSpend(scene, schnorr)];
  return { held: signatures.every(({ held }) => held), keys: [eddsa.shown, schnorr.shown], signatures };
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

async function demonstrationKey(client: ApiClient, known: readonly Key[], scheme: SignScheme): Promise<OwnKey> {
  const name = DEMONSTRATION_KEYS[scheme];
  const found = known.find((one) => one.name === name && one.scheme === scheme);
  const key = found ?? (await client.createKey({ scheme, curve: CURVES[scheme], name }));
  const { id, publicKey } = key;
  const shown = { id, name, scheme, publicKey, made: found === undefined, addresses: addresses(verifyingKey(key)) };
  return { key, shown };
}

function printKey({ shown }: OwnKey, print: Print): void {
  const { solana, taproot } = shown.addresses;
  print(`${shown.made ? "made" : "found"} key ${shown.name} (${shown.scheme})`);
  const rows = [
    ["id", shown.id],
    ...(solana ? [["Solana", solana]] : []),
    ...(taproot ? [["taproot", taproot.regtest]] : []),
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
): DemonstrationSignature {
  const { attempts, timing } = request._quorate;
  print(`signed ${judged.what}`);
  for (const line of table([["judged", judged.verdict], ...requestRows(request, network)])) print(line);
  return { ...judged, request: request.id, signers: signersOf(request), attempts: attempts.length, timing };
}
