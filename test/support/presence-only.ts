import { decode } from "@quorate/curves";
import { peerMessage } from "@quorate/signer/observe";
import type { Passing, VirtualNetwork } from "./virtual-network.ts";

const OF_PRESENCE: ReadonlySet<string> = new Set(["recall", "remembered", "presence", "cloned"]);

/** From now on signers tell one another where they stand, so that one that starts can serve, and nothing else; a coordinator tells nothing. */
export function onlyPresence(network: VirtualNetwork): void {
  network.intercept = ({ from, to, bytes }: Passing) => {
    if ([from, to].some((name) => name.startsWith("coordinator"))) return undefined;
    return OF_PRESENCE.has(decode(peerMessage, bytes).kind) ? bytes : undefined;
  };
}
