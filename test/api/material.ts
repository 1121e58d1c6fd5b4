import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Application } from "./application.ts";

/** A new key of Ed25519: both halves as PEM. */
export function newPem(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ed25519", {
    publicKeyEncoding: { format: "pem", type: "spki" },
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
  });
}

/** A name that nothing else here has. */
export const unique = (text: string) => `${text} ${randomBytes(6).toString("hex")}`;

/** The id of the permission of administrators. */
export async function fullAccess(app: Application): Promise<string> {
  const { items } = await app.client(app.admin).permissions.listPermissions({ query: { limit: "100" } });
  return items.find(({ name }) => name === "ManagedFullAdminAccess")!.id;
}
