import { protocolFor } from "@quorate/authority";
import type { Export, KeyRecord, Scheme, SignerReport } from "@quorate/coordinator";
import { InputError, type NodeId, signerIdOf } from "@quorate/orders";
import { z } from "zod";
import { checked, readObject } from "./input.ts";
import type { ApiOptions } from "./options.ts";
import { type App, ask, route, segment } from "./routes.ts";
import { exportShape, keyShape, refreshShape } from "./shapes.ts";

const ENCRYPTION_KEY_BYTES = 34;
const MAX_SEALED_BYTES = 1 << 14;

const base64 = z.string().regex(/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "base64");

const exported = z.strictObject({
  encryptionKey: base64,
  supportedSchemes: z.array(z.object({ protocol: z.string().max(50), curve: z.string().max(50) })).max(32),
});

const imported = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, "no control characters")
    .optional(),
  curve: z.enum(["ed25519", "secp256k1", "secp256r1"]),
  protocol: z.enum(["CGGMP24", "CGGMP21", "KU23", "FROST", "FROST_BITCOIN"]),
  minSigners: z.int().min(2),
  encryptedKeyShares: z.array(z.strictObject({ signerId: base64, encryptedKeyShare: base64 })).max(32),
});
type Imported = z.output<typeof imported>;

const SCHEMES: Readonly<Record<Imported["protocol"], Scheme>> = {
  CGGMP24: "ECDSA",
  CGGMP21: "ECDSA",
  KU23: "ECDSA",
  FROST: "EdDSA",
  FROST_BITCOIN: "Schnorr",
};

/** Keys on their way in and out, as Dfns has them; in a network without organisations. */
export function transferRoutes(app: App, options: ApiOptions): void {
  const { coordinator } = options;
  refreshRoutes(app, options);
  route(app, "/keys/:keyId/export", {
    async POST(c) {
      const key = coordinator.key(segment(c, "keyId"));
      const { encryptionKey, supportedSchemes } = checked(exported, await readObject(c));
      const protocol = protocolFor(key, supportedSchemes);
      if (protocol === undefined) {
        const message = `supportedSchemes: none of them is that of a key for ${key.scheme} on ${key.curve}`;
        throw new InputError("invalid_input", message, { field: "supportedSchemes" });
      }
      const wanted = { encryptionKey: bytesOf("encryptionKey", encryptionKey, ENCRYPTION_KEY_BYTES) };
      const given = await ask<Export>((reply) => coordinator.exportKey(key.id, wanted, reply));
      return c.json(exportShape(given, protocol, coordinator.signers()));
    },
  });
  route(app, "/keys/import", {
    async POST(c) {
      const request = checked(imported, await readObject(c));
      const { name, curve, minSigners, protocol } = request;
      const sealedShares = sealedSharesOf(request, coordinator.signers());
      const wanted = { name, curve, minSigners, sealedShares, scheme: SCHEMES[protocol] };
      return c.json(keyShape(await ask<KeyRecord>((reply) => coordinator.importKey(wanted, reply))));
    },
  });
}

/** New shares for the holders of a key, in a network without organisations: under either of two names, of which users have the second. */
function refreshRoutes(app: App, { coordinator }: ApiOptions): void {
  for (const path of ["/_quorate/keys/:keyId/refresh", "/keys/:keyId/refresh"]) {
    route(app, path, {
      async POST(c) {
        const { id } = coordinator.key(segment(c, "keyId"));
        return c.json(refreshShape(await ask<KeyRecord>((reply) => coordinator.refreshKey(id, reply))));
      },
    });
  }
}

/** By node. @throws InputError for a signer that is none, or appears twice */
function sealedSharesOf({ encryptedKeyShares }: Imported, signers: readonly SignerReport[]) {
  const sealedShares = new Map<NodeId, Uint8Array>();
  for (const [at, { signerId, encryptedKeyShare }] of encryptedKeyShares.entries()) {
    const field = `encryptedKeyShares.${at}`;
    const signer = signers.find((one) => signerIdOf(one.publicKey) === signerId);
    if (signer === undefined || sealedShares.has(signer.node)) {
      const message = `${field}.signerId: is ${signer === undefined ? "no signer here" : "there twice"}`;
      throw new InputError("invalid_input", message, { field: `${field}.signerId`, hint: "see GET /signers" });
    }
    sealedShares.set(signer.node, bytesOf(`${field}.encryptedKeyShare`, encryptedKeyShare));
  }
  return sealedShares;
}

function bytesOf(field: string, text: string, length?: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  const isRight = length === undefined ? bytes.length <= MAX_SEALED_BYTES : bytes.length === length;
  if (isRight) return bytes;
  throw new InputError("invalid_input", `${field}: ${length ?? `at most ${MAX_SEALED_BYTES}`} bytes`, { field });
}
