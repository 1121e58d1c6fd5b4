import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { H } from "@quorate/curves";
import { type NetworkFile, parseNetworkFile } from "@quorate/orders";
import { openSealedRecords, type Records } from "@quorate/storage";

/** The network file of a state directory. */
export function networkOf(dir: string): NetworkFile {
  return parseNetworkFile(readFileSync(join(dir, "network.json"), "utf8"));
}

/** Opens the database of a signer that does not run, with its own storage key. The caller closes it. */
export function openSignerRecords(dir: string, node: string): Records {
  const networkHash = H("cli/v1", "records", new TextEncoder().encode(networkOf(dir).networkId));
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const home = join(dir, "nodes", node);
  return openSealedRecords(
    join(home, "records.db"),
    { file: join(home, "storage.key") },
    { networkHash, node, random },
  );
}
