import { hex } from "@quorate/orders";
import { SigHash, type Transaction } from "@scure/btc-signer";
import { type PublicKeyFacts, xOnly } from "../key.ts";
import { type Input, type OwnInput, reading, refuse, refuseSighash, same } from "./psbt-input.ts";
import { NO_SCRIPTS, outputScript } from "./taproot.ts";

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
  return refuseSighash(type, at, "use SIGHASH_DEFAULT or SIGHASH_ALL");
}

/**
 * The inputs that a taproot key can spend by the key path and that are not signed yet.
 *
 * @throws InputError
 */
export function taprootInputs(transaction: Transaction, inputs: readonly Input[], key: PublicKeyFacts): OwnInput[] {
  const spent = inputs.map(spentOutput);
  const scripts = spent.map(({ script }) => script);
  const amounts = spent.map(({ amount }) => amount);
  const known = new Map<string, Uint8Array>();
  return inputs.flatMap((input, at) => {
    if (!isOwn(input, at, key, known)) return [];
    const type = sighashType(input, at);
    const item = () => ({
      message: reading(() => transaction.preimageWitnessV1(at, scripts, type, amounts)),
      merkleRoot: input.tapMerkleRoot ?? NO_SCRIPTS,
      prehashed: false,
    });
    const signed = (signature: Uint8Array) => ({
      tapKeySig: type === SigHash.DEFAULT ? signature : Uint8Array.of(...signature, type),
    });
    return [{ at, item, signed }];
  });
}
