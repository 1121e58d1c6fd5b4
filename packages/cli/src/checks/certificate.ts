import { group } from "@quorate/curves";
import { type GroupKey, verifyCertificate } from "@quorate/keygen/aggregate";
import { curveOf, hex, isSuite, publicId, unhex } from "@quorate/orders";
import type { Key, KeyDetails, NetworkProcess } from "../api-client.ts";
import { CliError, EXIT } from "../exit.ts";

/**
 * Checks here, without trust in whoever answers, that a key is what its certificate says, and that those who signed it are the
 * network's signers. Who the signers are is taken from `nodes`.
 *
 * @throws CliError with exit code 3
 */
export function checkCertificate(key: Key, details: KeyDetails, nodes: readonly NetworkProcess[]): GroupKey {
  const identities = new Map(nodes.map(({ name, publicKey }) => [name, publicKey]));
  const certified = verified(details.certificate, new Set(identities.values()));
  const said = JSON.stringify([
    key.id,
    key.publicKey,
    details.suite,
    details.minSigners,
    details.members.map(({ identifier, node }) => [identifier, identities.get(node)]),
  ]);
  const shown = JSON.stringify([
    publicId("key", certified.keyId),
    hex(certified.publicKey),
    certified.suite,
    certified.minSigners,
    certified.participants.map(({ identifier, publicKey }) => [identifier, hex(publicKey)]),
  ]);
  if (said === shown) return certified;
  throw unsafe("it is for another key, or for other holders, than the network says", { said, certified: shown });
}

function verified(certificate: string, members: ReadonlySet<string>): GroupKey {
  try {
    return verifyCertificate(unhex(certificate), {
      groupOf: (suite) => (isSuite(suite) ? group(curveOf(suite), "noble") : undefined),
      isMember: (publicKey) => members.has(hex(publicKey)),
    });
  } catch (error) {
    throw unsafe((error as Error).message);
  }
}

function unsafe(problem: string, facts: Readonly<Record<string, unknown>> = {}): CliError {
  const hint = "do not use this key; quorate logs coordinator shows where it comes from";
  return new CliError(EXIT.safety, `the certificate of this key does not verify: ${problem}`, hint, facts);
}
