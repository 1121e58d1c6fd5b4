import { type Backend, type Group, group } from "@quorate/curves";
import { hex } from "./ids.ts";
import type { NetworkFile } from "./network.ts";
import { curveOf, SUITES, type SuiteName } from "./suite.ts";

/** Whether `text` names a kind of key that this version knows. */
export function isSuite(text: string): text is SuiteName {
  return (SUITES as readonly string[]).includes(text);
}

/** What a verifier of certificates knows beforehand: the groups of the suites, and who belongs to the network. */
export function trustOf(
  network: NetworkFile,
  backend: Backend,
): { groupOf(suite: string): Group | undefined; isMember(publicKey: Uint8Array): boolean } {
  const members = new Set(network.nodes.map((node) => node.publicKey));
  return {
    groupOf(suite) {
      return isSuite(suite) ? group(curveOf(suite), backend) : undefined;
    },
    isMember: (publicKey) => members.has(hex(publicKey)),
  };
}
