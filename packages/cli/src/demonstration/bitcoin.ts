import { sha256 } from "@quorate/curves";
import { p2tr, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import { taprootOutputKey } from "../checks/signature.ts";

/** What a demonstration spends: made-up coins, satoshi. The difference is the fee. */
export const SPENT_SATOSHI = 100_000n;
export const PAID_SATOSHI = 60_000n;
export const CHANGE_SATOSHI = 39_000n;

const REGTEST = { ...TEST_NETWORK, bech32: "bcrt" };

const digest = (text: string) => sha256(new TextEncoder().encode(text));

/**
 * A PSBT that spends a made-up regtest output of a taproot key by its key path, pays another key, and gives itself change.
 *
 * @param publicKey internal key, compressed, 33 bytes, or x coordinate, 32
 */
export function spendPsbt(publicKey: Uint8Array): Uint8Array {
  const internalKey = publicKey.slice(-32);
  const own = p2tr(internalKey, undefined, REGTEST);
  const recipient = taprootOutputKey(Uint8Array.from(NOTHING_UP_MY_SLEEVE), new Uint8Array())!;
  const transaction = new Transaction();
  transaction.addInput({
    txid: digest("quorate demonstration coin"),
    index: 0,
    witnessUtxo: { script: own.script, amount: SPENT_SATOSHI },
    tapInternalKey: internalKey,
  });
  transaction.addOutput({ script: p2tr(recipient, undefined, REGTEST).script, amount: PAID_SATOSHI });
  transaction.addOutput({ script: own.script, amount: CHANGE_SATOSHI });
  return transaction.toPSBT();
}

/** The point H of BIP-341, of which nobody knows the discrete logarithm. */
const NOTHING_UP_MY_SLEEVE = Buffer.from("50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0", "hex");
