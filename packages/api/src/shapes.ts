import type { Export, KeyRecord, RequestRecord, SignerReport } from "@quorate/coordinator";
import { hex, type NetworkFile, signerIdOf } from "@quorate/orders";

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
    ...(key.imported ? { imported: true } : {}),
    ...(key.dateExported === null ? {} : { exported: true, dateExported: date(key.dateExported) }),
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
 * The signers that hold new keys. Clients seal the shares of an imported key to `encryptionKey`, and number the signers by their
 * decoded ids: those are the identities, so that a client can hold `encryptionKeySignature` against them. A signer that has not been
 * connected since the coordinator started shows no key.
 */
export function signersShape(reports: readonly SignerReport[], network: NetworkFile) {
  const signers = reports.map(({ node, publicKey, encryption }) => {
    const { region, operator } = network.nodes.find(({ name }) => name === node)!;
    const keys = encryption && {
      encryptionKey: base64(encryption.encryptionKey),
      encryptionKeySignature: base64(encryption.signature),
    };
    return { signerId: signerIdOf(publicKey), ...keys, name: node, region, operator, publicKey: hex(publicKey) };
  });
  return { clusters: [{ clusterId: network.networkId, signers }] };
}

/** An export, as the modules that open it read it. @param protocol one that the client knows */
export function exportShape({ key, shares }: Export, protocol: string, signers: readonly SignerReport[]) {
  const { publicKey, curve, minSigners } = key;
  const identities = new Map(signers.map((one) => [one.node, one.publicKey]));
  const encryptedKeyShares = shares.map(({ node, sealedShare }) => {
    return { signerId: signerIdOf(identities.get(node)!), encryptedKeyShare: base64(sealedShare) };
  });
  return { publicKey, protocol, curve, minSigners, encryptedKeyShares };
}

/** A key whose holders have new shares, which all of them signed for. */
export function refreshShape(key: KeyRecord) {
  const { keyId, epoch, certificate } = key;
  return { ...keyShape(key), _quorate: { keyId, epoch, certificate } };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
