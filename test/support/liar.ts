import { createHash } from "node:crypto";
import type { SignerFault } from "@quorate/faults";
import { Misbehaviour } from "@quorate/faults/edits";
import type { NetworkFile } from "@quorate/orders";

/** Bytes that follow from a seed. */
export function seededRandom(seed: string): (length: number) => Uint8Array {
  let drawn = 0;
  return (length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
      createHash("sha256").update(`${seed} ${drawn++}`).digest(),
    );
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}

const node = (name: string) => {
  const more = { publicKey: "00".repeat(32), addresses: [`/ip4/127.0.0.1/tcp/4000`] };
  return { name, region: "virginia", operator: "operator-1", ...more };
};

/** The names that a virtual network has. */
const NODES: Pick<NetworkFile, "coordinator" | "nodes"> = {
  coordinator: node("coordinator"),
  nodes: Array.from({ length: 15 }, (_, at) => node(`signer-${at + 1}`)),
};

/** What makes a signer of a virtual network malicious, once told how. */
export class Liar extends Misbehaviour {
  constructor() {
    super({ random: seededRandom("liar"), nodes: NODES });
  }

  /** Has it lie in this way from now on. */
  begin(kind: SignerFault["kind"], more: Pick<SignerFault, "round" | "to"> = {}): void {
    this.inject(kind, { kind, node: "*", ...more });
  }
}
