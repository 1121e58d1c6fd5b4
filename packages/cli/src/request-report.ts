import type { Network, SignatureRequest } from "./api-client.ts";
import { duration } from "./output.ts";

/** Who signed, as text: `virginia, ohio, montreal`. A node that is not named after its region has it behind, in brackets. */
export function placed(nodes: readonly string[], network: Network): string {
  const regions = new Map(network.nodes.map(({ name, region }) => [name, region]));
  const text = (node: string) => {
    const region = regions.get(node);
    return region === undefined || region === node ? node : `${node} (${region})`;
  };
  return nodes.map(text).join(", ");
}

/** The set that signed: that of the last attempt. */
export function signersOf({ _quorate }: SignatureRequest): readonly string[] {
  return _quorate.attempts.at(-1)?.signers ?? [];
}

const FORMS = {
  "one-round": "in one round trip",
  "two-round": "in two rounds",
  interactive: "in four rounds",
} as const;

/** Why an ECDSA signature of a raw digest takes all rounds. */
export const RAW_DIGEST =
  "with a nonce point known beforehand, whoever chooses the digest gets a second signature, on one that nobody was asked about";

/** How a request went, as rows of a table: who took part, what was tried before, where the time went. */
export function requestRows(request: SignatureRequest, network: Network): [string, string][] {
  const { attempts, timing } = request._quorate;
  const last = attempts.at(-1);
  const rows: [string, string][] = [];
  if (last !== undefined) {
    rows.push(["took part", `${placed(last.signers, network)}, ${FORMS[last.form]}`]);
  }
  rows.push(["attempts", String(attempts.length)]);
  for (const attempt of attempts.slice(0, -1)) {
    rows.push(["", `with ${placed(attempt.signers, network)}: ${attempt.result ?? "unfinished"}`]);
    for (const { node, reason, verifiedBy } of attempt.culprits) {
      const witnesses = verifiedBy.length === 0 ? "" : `, as ${verifiedBy.join(", ")} verified`;
      rows.push(["", `${node} is to blame: ${reason}${witnesses}`]);
    }
  }
  if (timing !== null) {
    const { totalMs, networkMs, cryptoMs, restMs } = timing;
    const parts = `network floor ${duration(networkMs)}, crypto ${duration(cryptoMs)}, rest ${duration(restMs)}`;
    rows.push(["time", `${duration(totalMs)}: ${parts}`]);
  }
  return rows;
}
