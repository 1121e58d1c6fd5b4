import { sha256 } from "@quorate/curves";
import { hex } from "@quorate/orders";
import * as TxEnvelopeEip1559 from "ox/TxEnvelopeEip1559";
import * as Value from "ox/Value";

/** What a demonstration moves: a tenth of one ETH, in wei. */
export const TRANSFER_WEI = Value.fromEther("0.1");

/** The chain of a local Anvil or Hardhat: nobody has money there. */
const LOCAL_CHAIN = 31337;

/** Receives the demonstration's transfers: an address that nobody has a key of. */
const RECIPIENT = `0x${hex(sha256(new TextEncoder().encode("quorate demonstration recipient")).subarray(12))}` as const;

/** Wei as people read them. */
export function ether(wei: bigint): string {
  return `${Value.formatEther(wei)} ETH`;
}

/** A transfer of ETH (EIP-1559), unsigned, as it is hashed. */
export function transferTransaction(nonce = 0n): Uint8Array {
  const unsigned = TxEnvelopeEip1559.serialize({
    chainId: LOCAL_CHAIN,
    nonce,
    to: RECIPIENT,
    value: TRANSFER_WEI,
    gas: 21_000n,
    maxFeePerGas: Value.fromGwei("30"),
    maxPriorityFeePerGas: Value.fromGwei("1"),
  });
  return new Uint8Array(Buffer.from(unsigned.slice(2), "hex"));
}
