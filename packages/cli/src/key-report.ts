import { type Addresses, addresses } from "@quorate/authority";
import type { PoolReport } from "@quorate/coordinator";
import { isEcdsa } from "@quorate/orders";
import type { Key, KeyDetails, Network, NetworkProcess } from "./api-client.ts";
import { checkCertificate } from "./checks/certificate.ts";
import { verifyingKey } from "./key-lookup.ts";
import { type Output, table } from "./output.ts";
import { placed } from "./request-report.ts";

/** A key, and all that is told of it. */
export interface ShownKey {
  readonly key: Key;
  readonly details: KeyDetails;
  readonly network: Network;
  /** Of a child, the key that was made. */
  readonly parent: Key | undefined;
  /** Whose signatures make a certificate. */
  readonly signers: readonly NetworkProcess[];
}

/** Shows a key: its addresses, holders, and what lies ready. Nothing is shown of one whose certificate does not verify here. */
export function showKey(output: Output, shown: ShownKey): void {
  const { key, details, network, parent, signers } = shown;
  const certified = checkCertificate(parent ?? key, details, signers);
  const { members, commitmentLevels, minSigners, presignatureLevels } = details;
  // Worked out here, from a key that its certificate names: nobody is to be paid at an address that the network only claims.
  const own = addresses(verifyingKey(key));
  output.document({
    ...key,
    ...details,
    addresses: own,
    members: members.map((member) => ({
      ...member,
      region: network.nodes.find(({ name }) => name === member.node)?.region,
      commitmentsReady: commitmentLevels[member.node] ?? 0,
    })),
    certificateVerified: true,
  });
  const kind = `${key.scheme} on ${key.curve}, any ${minSigners} of ${members.length} sign`;
  output.line(`${output.style("bold", key.name ?? key.id)}  ${kind}`);
  const nodes = members.map(({ node }) => node);
  const everyone = `signed by all ${certified.participants.length} holders`;
  const rows = [
    ["id", key.id],
    ...lineage(key, parent),
    ["public key", key.publicKey],
    ...addressRows(own),
    ["holders", placed(nodes, network)],
    ["certificate", parent === undefined ? `verified here: ${everyone}` : `of ${nameOf(parent)}, verified here`],
    ...(parent === undefined
      ? []
      : [["", `that this is its child is the word of the coordinator, from ${minSigners} holders`]]),
    ...(isEcdsa(details.suite)
      ? poolRows(presignatureLevels)
      : [["commitments", `ready: ${nodes.map((node) => `${node} ${commitmentLevels[node] ?? 0}`).join(", ")}`]]),
    ["made", `${key.dateCreated}${key.imported === true ? ", elsewhere: somebody knew it before" : ""}`],
    ...(certified.epoch === 0 ? [] : [["shares", `epoch ${certified.epoch}`]]),
    ...(key.dateExported === undefined ? [] : [["exported", `${key.dateExported}: it signs no more`]]),
  ];
  for (const line of table(rows)) output.line(line);
}

/** The addresses of a key, as rows of a table. */
export function addressRows({ solana, evm, taproot, p2wpkh }: Addresses): string[][] {
  const chains = (what: string, of: object = {}) => Object.entries(of).map(([chain, one]) => [`${what} ${chain}`, one]);
  return [
    ...(solana === undefined ? [] : [["Solana", solana]]),
    ...(evm === undefined ? [] : [["Ethereum", evm]]),
    ...chains("taproot", taproot),
    ...chains("P2WPKH", p2wpkh),
  ];
}

/** What lies ready of an ECDSA key, by signing set. */
export function poolRows(pools: readonly PoolReport[]): string[][] {
  if (pools.length === 0) return [["presignatures", "none, nor any wanted: quorate presign fill makes some"]];
  return pools.map(({ signers, ready, making, target }, at) => {
    const under = making === 0 ? "" : `, ${making} being made`;
    return [at === 0 ? "presignatures" : "", `${ready} of ${target} ready for ${signers.join(", ")}${under}`];
  });
}

function lineage({ derivedFrom }: Key, parent: Key | undefined): string[][] {
  if (derivedFrom === undefined || parent === undefined) return [];
  return [
    ["path", derivedFrom.path],
    ["derived from", parent.name === undefined ? parent.id : `${parent.name} (${parent.id})`],
  ];
}

function nameOf({ id, name }: Key): string {
  return name ?? id;
}
