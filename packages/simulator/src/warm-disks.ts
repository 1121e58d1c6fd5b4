import type { NodeId } from "@quorate/orders";
import type { Crypto } from "./crypto.ts";
import type { DiskImage } from "./disk.ts";
import { Simulation } from "./simulation.ts";
import { topologyOf } from "./topology.ts";

const known = new Map<string, ReadonlyMap<NodeId, DiskImage>>();

/**
 * The disks of a network whose signers have set up their pairs, which takes longer than most runs: made once in a process, always
 * from the same seed, for each number of signers. A setup is of two identities and of nothing else, so it fits every topology.
 *
 * @param names of the signers; `signer-1` and so on unless said
 */
export function warmDisks(signers: number, crypto: Crypto, names?: readonly NodeId[]): ReadonlyMap<NodeId, DiskImage> {
  const name = `${crypto.name} ${names?.join() ?? signers}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const regions = Array.from({ length: signers }, () => "virginia");
  const simulation = new Simulation({ seed: "warm", topology: topologyOf(regions, 2, 1, names), crypto });
  const ready = () =>
    [...simulation.signers.values()].every((one) => one.pairs().every((pair) => pair.state === "ready"));
  if (!simulation.until(ready)) throw new Error("the pairs were not set up");
  const disks = new Map([...simulation.machines].map(([node, { disk }]) => [node, pairsOf(disk.image())]));
  known.set(name, disks);
  return disks;
}

function pairsOf(image: DiskImage): DiskImage {
  return new Map([...image].filter(([, record]) => record.kind === "pair"));
}
