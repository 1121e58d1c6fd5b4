import type { Export, SignerReport } from "@quorate/coordinator";
import { hex, type NetworkFile, signerIdOf } from "@quorate/orders";

/** ISO 8601 with milliseconds and `Z`. @param ms since 1970 */
export function date(ms: number): string {
  return new Date(ms).toISOString();
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

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
