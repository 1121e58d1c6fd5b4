import { hex, MAX_DIGESTS } from "@quorate/orders";
import { Transaction } from "@scure/btc-signer";
import type { Derived } from "../derived.ts";
import { type PublicKeyFacts, xOnly } from "../key.ts";
import { witnessScript } from "./p2wpkh.ts";
import { witnessInputs } from "./p2wpkh-inputs.ts";
import { type OwnInput, reading, refuse } from "./psbt-input.ts";
import { taprootInputs } from "./taproot-inputs.ts";

/** Scripts of other inputs are their owners' business; those of our own are checked here, once per script tree. */
const OPTIONS = {
  allowUnknownInputs: true,
  allowUnknownOutputs: true,
  disableScriptCheck: true,
  unknown: "ignore",
} as const;

function parse(bytes: Uint8Array): Transaction {
  return reading(() => Transaction.fromPSBT(bytes, OPTIONS));
}

/** Puts the signatures in; finalises where that leaves nothing unsigned. */
function finish(bytes: Uint8Array, own: readonly OwnInput[], signatures: readonly Uint8Array[]) {
  const transaction = parse(bytes);
  for (const [order, { at, signed }] of own.entries()) {
    transaction.updateInput(at, signed(signatures[order]!), true);
  }
  const signed = transaction.toPSBT();
  try {
    transaction.finalize();
  } catch {
    return signed; // others have to sign as well
  }
  return transaction.toPSBT();
}

/** How an input becomes one of this key. */
function ownHint(key: PublicKeyFacts): string {
  return key.suite === "taproot"
    ? `give tapInternalKey ${hex(xOnly(key))} on the inputs that this key is to sign`
    : `give witnessUtxo with script ${hex(witnessScript(key))} on the inputs that this key is to sign`;
}

/**
 * A PSBT: one signature for each input that this key can spend and that is not signed yet. A taproot key spends by the key path,
 * an ECDSA key what was paid to its hash (P2WPKH).
 *
 * @throws InputError
 */
export function derivePsbt(bytes: Uint8Array, key: PublicKeyFacts): Derived {
  const transaction = parse(bytes);
  const inputs = Array.from({ length: transaction.inputsLength }, (_, at) => transaction.getInput(at));
  const isTaproot = key.suite === "taproot";
  const own = (isTaproot ? taprootInputs : witnessInputs)(transaction, inputs, key);
  if (own.length === 0) refuse("no unsigned input belongs to this key", ownHint(key));
  if (own.length > MAX_DIGESTS) refuse(`${own.length} inputs to sign`, `ask for at most ${MAX_DIGESTS} in one request`);
  return {
    items: own.map(({ item }) => item()),
    ...(isTaproot ? {} : { encoding: "der" }),
    finish: (signatures) => finish(bytes, own, signatures),
  };
}
