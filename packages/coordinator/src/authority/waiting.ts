import { AUTHORITY_CODES, type AuthorityErrorCode } from "@quorate/authority";
import { InputError, type NodeId, type WriteResult } from "@quorate/orders";
import type { Peers } from "../peers.ts";
import type { Proposal } from "./proposal.ts";
import { inputError } from "./refusal.ts";

/** How it stands with the next record of a log. */
export interface Standing {
  readonly organisation: string;
  readonly nodes: readonly NodeId[];
  readonly quorum: number;
  readonly peers: Pick<Peers, "connected">;
  readonly proposal: Proposal | undefined;
}

/** Why an action was not done in time. @param proposed whether it is the one that is proposed, which nothing withdraws any more */
export function unanswered({ organisation, nodes, quorum, peers, proposal }: Standing, proposed: boolean): InputError {
  const missing = nodes
    .filter((node) => proposal?.countersigned.has(node) !== true)
    .map((node) => ({ node, reason: reasonOf(node, peers, proposal) }));
  const names = missing.map(({ node, reason }) => `${node} (${reason})`).join(", ");
  const took = proposal?.countersigned.size ?? 0;
  const what = proposed
    ? "it stays proposed, cannot be withdrawn, and is committed when they are back"
    : "nothing of it was proposed";
  const ahead =
    proposed || proposal === undefined
      ? ""
      : `, behind ${proposal.record.action.path} at height ${proposal.head.height}`;
  const message = `${quorum} of ${nodes.length} signers must take a change of ${organisation}, ${took} have${ahead}; missing: ${names}; ${what}`;
  return new InputError("quorum_unavailable", message, {
    hint: proposed
      ? "start the missing signers, and look whether it has been done"
      : "start the missing signers and ask again",
    details: { missing, needed: quorum, countersigned: took, proposed },
  });
}

function reasonOf(node: NodeId, peers: Pick<Peers, "connected">, proposal: Proposal | undefined): string {
  const refusal = proposal?.refused.get(node);
  if (refusal !== undefined) return `refused (${refusal.code}): ${refusal.detail}`;
  return peers.connected(node) ? "has not answered" : "unreachable";
}

/** Why a record that nobody took was dropped: what most of the signers say. */
export function refusalOf({ refused }: Proposal): InputError {
  const votes = new Map<string, number>();
  for (const { code } of refused.values()) votes.set(code, (votes.get(code) ?? 0) + 1);
  const [code = ""] = [...votes].toSorted(([, a], [, b]) => b - a).map(([one]) => one);
  const detail = [...refused.values()].find((one) => one.code === code)?.detail ?? "";
  const said = `${refused.size} signers refuse the change: ${detail}`;
  const known = AUTHORITY_CODES.find((one): one is AuthorityErrorCode => one === code);
  if (known !== undefined && known !== "bad_record") {
    return inputError({ code: known, message: said, field: undefined, hint: "nothing of it was done" });
  }
  return new InputError("failed", said, { hint: "nothing of it was done", details: { authority: code } });
}

/** An action that was not proposed, because it could not be kept. */
export function unstored(result: WriteResult): InputError {
  return new InputError("failed", `the action could not be stored (${result})`, {
    hint: "nothing was proposed; see the disk",
  });
}
