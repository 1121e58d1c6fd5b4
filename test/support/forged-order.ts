import { networkHash, type Order, type Outcome, open, order, outcome, seal, unhex } from "@quorate/orders";
import type { VirtualNetwork } from "./virtual-network.ts";

/** Has the coordinator's key sign any order at all: what a malicious coordinator can do. Then `passMs` pass. */
export function forgeOrder(network: VirtualNetwork, to: string, value: Order, passMs = 40): void {
  const hash = networkHash(network.file);
  const address = { networkHash: hash, purpose: "order", from: "coordinator", to } as const;
  network.signers.get(to)?.receive("coordinator", seal(order, value, network.identityOf("coordinator"), address));
  network.settle();
  if (passMs > 0) network.pass(passMs);
}

/** All outcomes that a signer has sent to a coordinator, oldest first. */
export function outcomesOf(network: VirtualNetwork, from: string, to = "coordinator"): readonly Outcome[] {
  const publicKey = unhex(network.file.nodes.find((node) => node.name === from)!.publicKey);
  const address = { networkHash: networkHash(network.file), purpose: "outcome", from, to } as const;
  return network.traffic
    .filter((message) => message.from === from && message.to === to)
    .map((message) => open(outcome, message.bytes, publicKey, address)!);
}

/** All orders that the coordinator has sent to a signer, oldest first. */
export function ordersTo(network: VirtualNetwork, to: string): readonly Order[] {
  const publicKey = unhex(network.file.coordinator.publicKey);
  const address = { networkHash: networkHash(network.file), purpose: "order", from: "coordinator", to } as const;
  return network.traffic
    .filter((message) => message.from === "coordinator" && message.to === to)
    .map((message) => open(order, message.bytes, publicKey, address)!);
}

/** Has a signer's key sign any outcome at all: what a malicious signer can send. */
export function forgedOutcome(network: VirtualNetwork, from: string, value: Outcome): Uint8Array {
  const address = { networkHash: networkHash(network.file), purpose: "outcome", from, to: "coordinator" } as const;
  return seal(outcome, value, network.identityOf(from), address);
}

/** What a signer says to the coordinator, for a test to look at on its way. */
export function readOutcome(network: VirtualNetwork, from: string, bytes: Uint8Array): Outcome {
  const address = { networkHash: networkHash(network.file), purpose: "outcome", from, to: "coordinator" } as const;
  return open(outcome, bytes, network.identityOf(from).publicKey, address)!;
}
