import type { KeyRecord, RequestRecord } from "@quorate/coordinator";
import type { NetworkFile } from "@quorate/orders";

/** Users come with the authority; until then whoever holds the token is this one. */
const REQUESTER = { userId: "us-token-owner-0000000000000000" };

/** ISO 8601 with milliseconds and `Z`. @param ms since 1970 */
export function date(ms: number): string {
  return new Date(ms).toISOString();
}

/** A key, with the members that Dfns gives it. */
export function keyShape(key: KeyRecord) {
  return {
    id: key.id,
    scheme: key.scheme,
    curve: key.curve,
    publicKey: key.publicKey,
    ...(key.derivedFrom === null ? {} : { derivedFrom: key.derivedFrom }),
    ...(key.name === null ? {} : { name: key.name }),
    status: "Active",
    custodial: true,
    dateCreated: date(key.dateCreated),
  };
}

/** A key by itself: Dfns adds its wallets, of which there are none in this version, and the store that it lies in. */
export function singleKeyShape(key: KeyRecord, network: NetworkFile) {
  const derivation = key.derivedFrom === null ? {} : { derivationPath: key.derivedFrom.path };
  const store = { id: network.networkId, kind: "Mpc", keyId: key.keyId, ...derivation };
  return { ...keyShape(key), wallets: [], store };
}

/** A signature request, with the members that Dfns gives it; what Dfns has no place for is in `_quorate`. */
export function signatureShape(record: RequestRecord) {
  const { network } = record.body;
  return {
    id: record.id,
    keyId: record.keyId,
    requester: REQUESTER,
    requestBody: record.body,
    status: record.status,
    ...(record.reason === null ? {} : { reason: record.reason }),
    ...record.result,
    ...(typeof network === "string" ? { network } : {}),
    dateRequested: date(record.dateRequested),
    ...(record.dateSigned === null ? {} : { dateSigned: date(record.dateSigned) }),
    ...(record.externalId === null ? {} : { externalId: record.externalId }),
    _quorate: { attempts: record.attempts, timing: record.timing },
  };
}

/**
 * The signers. Dfns gives each an `encryptionKey`, to which the shares of an imported key are sealed; this version has
 * no import and no export, and a key that opens nothing would mislead.
 */
export function signersShape(network: NetworkFile) {
  const signers = network.nodes.map(({ name, region, operator, publicKey }) => ({
    signerId: name,
    region,
    operator,
    publicKey,
  }));
  return { clusters: [{ clusterId: network.networkId, signers }] };
}
