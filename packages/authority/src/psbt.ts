import { hex, InputError, MAX_DIGESTS } from "@quorate/orders";
import { SigHash, Transaction } from "@scure/btc-signer";
import type { Derived } from "./derived.ts";
import { type PublicKeyFacts, xOnly } from "./key.ts";
import { NO_SCRIPTS, outputScript } from "./taproot.ts";

type Input = ReturnType<Transaction["getInput"]>;

function refuse(problem: string, hint: string, code: "invalid_input" | "unsupported" = "invalid_input"): never {
  throw new InputError(code, `psbt: ${problem}`, { field: "psbt", hint });
}

/** Scripts of other inputs are their owners' business; those of our own are checked here, once per script tree. */
const OPTIONS = {
  allowUnknownInputs: true,
  allowUnknownOutputs: true,
  disableScriptCheck: true,
  unknown: "ignore",
} as const;

/** What the library throws, it throws for what the PSBT says: parts may be missing that only the digest asks for. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(
      `cannot be read (${(error as Error).message.slice(0, 200)})`,
      "send the hex of a PSBT (BIP-174 or BIP-370)",
    );
  }
}

function parse(bytes: Uint8Array): Transaction {
  return reading(() => Transaction.fromPSBT(bytes, OPTIONS));
}

/** The output that an input spends: BIP-341 signs the amounts and scripts of all of them. */
function spentOutput(input: Input, at: number): { script: Uint8Array; amount: bigint } {
  const { witnessUtxo } = input;
  if (witnessUtxo === undefined) {
    return refuse(
      `input ${at} has no witnessUtxo`,
      "add it to every input: a taproot signature covers all amounts and scripts",
    );
  }
  return witnessUtxo;
}

function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}

/**
 * Whether this key signs an input, by the key path. Refuses an input that names the key and spends something else.
 *
 * @param scripts output scripts of this key by merkle root in hex: each costs two point multiplications
 */
function isOwn(input: Input, at: number, key: PublicKeyFacts, scripts: Map<string, Uint8Array>): boolean {
  if (!same(input.tapInternalKey, xOnly(key))) return false;
  const root = input.tapMerkleRoot ?? NO_SCRIPTS;
  const script = scripts.get(hex(root)) ?? outputScript(key, root);
  scripts.set(hex(root), script);
  if (!same(spentOutput(input, at).script, script)) {
    refuse(
      `input ${at} names this key as tapInternalKey, but spends an output of another key or script tree`,
      "give tapMerkleRoot if the output has scripts, or correct witnessUtxo",
    );
  }
  return input.tapKeySig === undefined && input.finalScriptWitness === undefined;
}

function sighashType({ sighashType: type = SigHash.DEFAULT }: Input, at: number): number {
  if (type === SigHash.DEFAULT || type === SigHash.ALL) return type;
  const code = type.toString(16).padStart(2, "0");
  return refuse(
    `input ${at} asks for sighash type 0x${code}, which leaves parts of the transaction open`,
    "use SIGHASH_DEFAULT or SIGHASH_ALL",
    "unsupported",
  );
}

/** Puts the signatures in; finalises where that leaves nothing unsigned. */
function finish(bytes: Uint8Array, own: readonly { at: number; type: number }[], signatures: readonly Uint8Array[]) {
  const transaction = parse(bytes);
  for (const [order, { at, type }] of own.entries()) {
    const signature = signatures[order]!;
    const tapKeySig = type === SigHash.DEFAULT ? signature : Uint8Array.of(...signature, type);
    transaction.updateInput(at, { tapKeySig }, true);
  }
  const signed = transaction.toPSBT();
  try {
    transaction.finalize();
  } catch {
    return signed; // others have to sign as well
  }
  return transaction.toPSBT();
}

/**
 * A PSBT: one signature for each input that this key can spend by the taproot key path and that is not signed yet.
 *
 * @throws InputError
 */
export function derivePsbt(bytes: Uint8Array, key: PublicKeyFacts): Derived {
  const transaction = parse(bytes);
  const inputs = Array.from({ length: transaction.inputsLength }, (_, at) => transaction.getInput(at));
  const spent = inputs.map(spentOutput);
  const known = new Map<string, Uint8Array>();
  const own = inputs.flatMap((input, at) =>
    isOwn(input, at, key, known) ? [{ at, type: sighashType(input, at), input }] : [],
  );
  if (own.length === 0) {
    refuse(
      "no unsigned input belongs to this key",
      `give tapInternalKey ${hex(xOnly(key))} on the inputs that this key is to sign`,
    );
  }
  if (own.length > MAX_DIGESTS) refuse(`${own.length} inputs to sign`, `ask for at most ${MAX_DIGESTS} in one request`);
  const scripts = spent.map(({ script }) => script);
  const amounts = spent.map(({ amount }) => amount);
  return {
    items: own.map(({ at, type, input }) => ({
      message: reading(() => transaction.preimageWitnessV1(at, scripts, type, amounts)),
      merkleRoot: input.tapMerkleRoot ?? NO_SCRIPTS,
      prehashed: false,
    })),
    finish: (signatures) => finish(bytes, own, signatures),
  };
}
