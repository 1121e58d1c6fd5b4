import { group } from "@quorate/curves";
import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { type Change, type Judged, rule } from "../log/rule.ts";
import { checkUnlocked } from "../log/signature-request.ts";
import type { KeyCause, KeyEntity } from "../log/state.ts";
import type { KeySpec } from "../wallet-network.ts";
import { id, nothing, words } from "./fields.ts";
import { keySpec, newKey, usableKey } from "./keys.ts";
import { checkChildrenOwned } from "./ownership.ts";
import { network, newWallet, usableWallet } from "./wallets.ts";

/** The most causes that a key remembers; older ones were carried out, or will not be. */
const MAX_CAUSES = 32;

const PROTOCOLS = ["CGGMP24", "CGGMP21", "KU23", "FROST", "FROST_BITCOIN"] as const;
/** What a client calls how keys of a scheme are shared. */
export type Protocol = (typeof PROTOCOLS)[number];
const SCHEMES: Readonly<Record<Protocol, KeyEntity["scheme"]>> = {
  CGGMP24: "ECDSA",
  CGGMP21: "ECDSA",
  KU23: "ECDSA",
  FROST: "EdDSA",
  FROST_BITCOIN: "Schnorr",
};

function base64(min: number, max: number) {
  return z
    .string()
    .max(Math.ceil(max / 3) * 4)
    .regex(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "base64")
    .refine((text) => {
      const { length } = Buffer.from(text, "base64");
      return length >= min && length <= max;
    }, `${min} to ${max} bytes`);
}

const exported = z.strictObject({
  encryptionKey: base64(34, 34),
  supportedSchemes: z
    .array(z.strictObject({ protocol: z.string().max(50), curve: z.string().max(50) }))
    .min(1)
    .max(32),
});

const imported = {
  name: words(100).optional(),
  curve: keySpec.curve,
  protocol: z.enum(PROTOCOLS),
  minSigners: z.int().min(2).max(15),
  encryptedKeyShares: z
    .array(z.strictObject({ signerId: words(100), encryptedKeyShare: base64(49, 12_288) }))
    .min(2)
    .max(15),
  masterKey: z.boolean().optional(),
};
const importedKey = z.strictObject(imported);
type Imported = z.output<typeof importedKey>;

/** How a client that lists these is told that the key is shared; the first that fits. `undefined` when none does. */
export function protocolFor(
  { scheme, curve }: KeySpec,
  supported: readonly { readonly protocol: string; readonly curve: string }[],
): Protocol | undefined {
  return PROTOCOLS.find(
    (one) => SCHEMES[one] === scheme && supported.some((told) => told.protocol === one && told.curve === curve),
  );
}

/** @throws AuthorityError unless shares can be sealed to it */
function checkEncryptionKey(text: string): void {
  const bytes = Buffer.from(text, "base64");
  try {
    if (bytes[0] !== 1) throw new Error(`version ${bytes[0]}`);
    group("secp256k1", "noble").decodePoint(bytes.subarray(1));
  } catch {
    throw new AuthorityError("invalid_input", "encryptionKey: is not version 1 and a point of secp256k1", {
      field: "encryptionKey",
      hint: "send the key that the export context made, in base64",
    });
  }
}

function addCause(key: KeyEntity, hash: string, cause: KeyCause): void {
  key.causes.set(hash, cause);
  const [oldest] = key.causes.keys();
  if (key.causes.size > MAX_CAUSES && oldest !== undefined) key.causes.delete(oldest);
}

function exportKey(judged: Judged<z.output<typeof exported>>, key: KeyEntity): Change {
  const { organisation, hash, time, body } = judged;
  checkEncryptionKey(body.encryptionKey);
  checkUnlocked(organisation, key, time);
  checkChildrenOwned(organisation, key, key.delegatedTo);
  if (key.derivedFrom !== null) {
    throw new AuthorityError("invalid_input", `keyId: ${key.id} is a child, of which nobody holds shares of its own`, {
      field: "keyId",
      hint: `export ${key.derivedFrom.keyId}, from which it is derived, if you mean to`,
    });
  }
  if (protocolFor(key, body.supportedSchemes) === undefined) {
    const names = PROTOCOLS.filter((one) => SCHEMES[one] === key.scheme).join(" or ");
    throw new AuthorityError("invalid_input", "supportedSchemes: names none that this key has", {
      field: "supportedSchemes",
      hint: `add protocol ${names} with curve ${key.curve}`,
    });
  }
  return () => {
    addCause(key, hash, { kind: "export", time, encryptionKey: body.encryptionKey });
    key.exportedAt ??= time;
  };
}

function importKey(judged: Judged<Imported>): KeyEntity {
  const { name = null, curve, protocol, minSigners, encryptedKeyShares: shares, masterKey } = judged.body;
  if (masterKey === true) {
    const hint = "every key can have children here: leave it out";
    throw new AuthorityError("invalid_input", "masterKey: is not asked for", { field: "masterKey", hint });
  }
  if (new Set(shares.map((one) => one.signerId)).size !== shares.length) {
    const field = "encryptedKeyShares";
    throw new AuthorityError("invalid_input", `${field}: two are for one signer`, { field });
  }
  if (shares.length < minSigners) {
    const problem = `minSigners: ${shares.length} shares can never make ${minSigners}`;
    throw new AuthorityError("invalid_input", problem, { field: "minSigners" });
  }
  const causes = new Map<string, KeyCause>([[judged.hash, { kind: "import", time: judged.time, shares }]]);
  return newKey(judged, { scheme: SCHEMES[protocol], curve, name, minSigners, imported: true, causes }, undefined);
}

/** Keys on their way out and in, and new shares for those that hold one. */
export const keyTransferRules = [
  rule({
    ...{ method: "POST", path: "/keys/:keyId/export", operation: "Keys:Export", signed: true },
    body: exported,
    judge: (judged) => exportKey(judged, usableKey(judged)),
  }),
  rule({
    ...{ method: "POST", path: "/wallets/:walletId/export", operation: "Wallets:Export", signed: true },
    body: exported,
    judge: (judged) => exportKey(judged, usableWallet(judged).key),
  }),
  rule({
    ...{ method: "POST", path: "/keys/import", operation: "Keys:Import", signed: true },
    body: importedKey,
    judge(judged) {
      const key = importKey(judged);
      return () => judged.organisation.keys.set(key.id, key);
    },
  }),
  rule({
    ...{ method: "POST", path: "/wallets/import", operation: "Wallets:Import", signed: true },
    body: z.strictObject({ ...imported, network, externalId: id.optional() }),
    judge(judged) {
      const { organisation, body } = judged;
      const key = importKey(judged);
      const { name = null, externalId = null } = body;
      const wallet = newWallet(judged, key, { network: body.network, name, externalId });
      return () => {
        organisation.keys.set(key.id, key);
        organisation.wallets.set(wallet.id, wallet);
      };
    },
  }),
  rule({
    ...{ method: "POST", path: "/keys/:keyId/refresh", operation: "Keys:Update", signed: true },
    body: nothing,
    judge(judged) {
      const key = usableKey(judged);
      if (key.derivedFrom !== null) {
        const hint = `refresh ${key.derivedFrom.keyId}, from which it is derived`;
        throw new AuthorityError("invalid_input", `keyId: ${key.id} is a child`, { field: "keyId", hint });
      }
      return () => addCause(key, judged.hash, { kind: "refresh", time: judged.time });
    },
  }),
];
