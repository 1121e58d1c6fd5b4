import type { Filling, Intent } from "@quorate/authority";
import { hex } from "@quorate/orders";
import type { ChainNode } from "./json-rpc.ts";

/** What goes to validators above the base fee, per unit of gas. */
const TIPS: Readonly<Record<string, bigint>> = { Slow: 500_000_000n, Standard: 1_000_000_000n, Fast: 2_000_000_000n };

const quantity = (value: bigint) => `0x${value.toString(16)}`;

async function baseFee(node: ChainNode): Promise<{ readonly baseFee: bigint; readonly block: bigint }> {
  const block = (await node.call("eth_getBlockByNumber", ["latest", false])) as Record<string, unknown> | null;
  const read = (name: string) => (typeof block?.[name] === "string" ? BigInt(block[name] as string) : 0n);
  return { baseFee: read("baseFeePerGas"), block: read("number") };
}

/** What a transaction needs besides its intent, as the chain stands now: twice the base fee lasts six full blocks. */
export async function fillingFor(node: ChainNode, from: string, intent: Intent, priority: unknown): Promise<Filling> {
  const call = { from, to: `0x${hex(intent.to)}`, value: quantity(intent.value), data: `0x${hex(intent.data)}` };
  const [nonce, gas, { baseFee: base }] = await Promise.all([
    intent.nonce ?? node.quantity("eth_getTransactionCount", [from, "pending"]),
    intent.gas ?? node.quantity("eth_estimateGas", [call]),
    baseFee(node),
  ]);
  const maxPriorityFeePerGas = TIPS[typeof priority === "string" ? priority : "Standard"] ?? TIPS.Standard!;
  return { nonce, gas, maxFeePerGas: 2n * base + maxPriorityFeePerGas, maxPriorityFeePerGas };
}

/** The fees of an EVM network in the form of Dfns. */
export async function feesOf(node: ChainNode) {
  const { baseFee: base, block } = await baseFee(node);
  const level = (name: string) => {
    const tip = TIPS[name]!;
    return { maxPriorityFeePerGas: String(tip), maxFeePerGas: String(2n * base + tip) };
  };
  return {
    kind: "Eip1559",
    network: node.network,
    blockNumber: Number(block),
    baseFeePerGas: String(base),
    slow: level("Slow"),
    standard: level("Standard"),
    fast: level("Fast"),
  };
}
