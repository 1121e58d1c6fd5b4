import { idOf, keygenExecution } from "@quorate/authority";
import { group } from "@quorate/curves";
import { certifiedExecution, type GroupKey, verifyCertificate } from "@quorate/keygen/aggregate";
import { curveOf, hex, isSuite, unhex } from "@quorate/orders";
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
    details.keyId,
    key.publicKey,
    details.suite,
    details.minSigners,
    details.members.map(({ identifier, node }) => [identifier, identities.get(node)]),
  ]);
  const shown = JSON.stringify([
    hex(certified.keyId),
    hex(certified.publicKey),
    certified.suite,
    certified.minSigners,
    certified.participants.map(({ identifier, publicKey }) => [identifier, hex(publicKey)]),
  ]);
  if (said === shown) return checkCreation(key, details, certified);
  throw unsafe("it is for another key, or for other holders, than the network says", { said, certified: shown });
}

/** How many keys a record creates at most, and how often the signers may have tried. */
const MAX_KEYS = 16;
const MAX_ATTEMPTS = 64;

/**
 * Whether the signers made the key for this id, and so for whoever the log says owns it. Of a key that came from elsewhere, or has new
 * shares, the certificate no longer says so.
 */
function checkCreation({ id }: Key, { record, certificate, epoch }: KeyDetails, certified: GroupKey): GroupKey {
  if (epoch > 0 || certificate.startsWith("02")) return certified;
  if (record === null) throw unsafe("no record of the log is named that created this key");
  const execution = hex(certifiedExecution(unhex(certificate)));
  const isOurs = Array.from({ length: MAX_KEYS }, (_, n) => idOf("key", record, n)).includes(id);
  const made = (attempt: number) => hex(keygenExecution(record, id, attempt)) === execution;
  if (isOurs && Array.from({ length: MAX_ATTEMPTS }, (_, attempt) => attempt).some(made)) return certified;
  throw unsafe("the signers made it for another record of the log", { id, record });
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
