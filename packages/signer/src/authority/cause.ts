import type { KeyCause, KeyEntity, Organisation } from "@quorate/authority";
import { hex, type OrderCause, type OrderOf } from "@quorate/orders";
import type { OriginRecord } from "@quorate/vault";
import type { Keyring } from "../keyring.ts";
import type { Lives } from "../presence/lives.ts";
import { Refused } from "../refused.ts";
import { checkSpec } from "./creation.ts";
import type { Logs } from "./logs.ts";

type Kind = KeyCause["kind"];
type CauseOf<K extends Kind> = Extract<KeyCause, { kind: K }>;

/** Why a key is given new shares, brought here or given away: what the committed record says, which no order can change. */
export interface Caused<K extends Kind> {
  readonly organisation: Organisation;
  readonly key: KeyEntity;
  readonly cause: CauseOf<K>;
}

/** The committed record that has something done with a key. @throws Refused */
function caused<K extends Kind>(named: OrderCause | null, kind: K, logs: Logs): Caused<K> {
  if (named === null) throw new Refused("no_authorisation", "no user asked for this");
  const organisation = logs.state(named);
  const key = organisation.keys.get(named.key);
  if (key === undefined) throw new Refused("unknown_key", "the log knows no such key");
  if (key.archivedAt !== null) throw new Refused("unknown_key", `key ${key.id} is archived`);
  const cause = key.causes.get(hex(named.record));
  if (cause?.kind !== kind) throw new Refused("no_authorisation", `no record of the log has this key ${PAST[kind]}`);
  return { organisation, key, cause: cause as CauseOf<K> };
}

const PAST: Readonly<Record<Kind, string>> = { export: "exported", refresh: "refreshed", import: "imported" };

function checkShares(
  { organisation, key }: Pick<Caused<Kind>, "organisation" | "key">,
  keyId: Uint8Array,
  keyring: Pick<Keyring, "originOf">,
): void {
  const origin = keyring.originOf(keyId);
  if (origin?.organisation === organisation.id && origin.key === key.id) return;
  throw new Refused("no_authorisation", "the record is about another key");
}

/** Where what was joined is known from. */
export interface Remembering {
  readonly logs: Logs;
  readonly lives: Pick<Lives, "mayHaveActedOn">;
}

/** Who joins a run a second time says other things in the same place of it. @throws Refused if the run may have been joined by a life that was lost */
function checkNotJoined(
  { key, cause }: { readonly key: KeyEntity; readonly cause: KeyCause },
  lives: Remembering["lives"],
): void {
  if (!lives.mayHaveActedOn(cause.time)) return;
  const what = `key ${key.id} was to be ${PAST[cause.kind]} before this signer lost records`;
  throw new Refused("rolled_back", `${what}: it may have begun that; ask for it once more`);
}

/** @throws Refused unless a user asked for new shares of exactly this key */
export function checkRefresh(
  { cause, keyId }: OrderOf<"refresh">,
  { logs, lives, keyring }: Remembering & { readonly keyring: Pick<Keyring, "originOf"> },
): void {
  const found = caused(cause, "refresh", logs);
  checkShares(found, keyId, keyring);
  checkNotJoined(found, lives);
}

/**
 * @returns whether the key signs no more once it was given away
 * @throws Refused unless a user asked for exactly this key to be sealed to exactly this encryption key
 */
export function checkExport(
  { cause, keyId, encryptionKey }: OrderOf<"export">,
  logs: Logs,
  keyring: Pick<Keyring, "originOf">,
): boolean {
  const found = caused(cause, "export", logs);
  checkShares(found, keyId, keyring);
  if (Buffer.compare(Buffer.from(found.cause.encryptionKey, "base64"), encryptionKey) !== 0) {
    throw new Refused("no_authorisation", "the user named another encryption key");
  }
  return !found.organisation.settings.exportedKeysSign;
}

/**
 * @param signerIdOf what clients know a node by
 * @param self the name of this node
 * @returns what the share is kept for
 * @throws Refused unless a user sent exactly these members exactly this share
 */
export function checkImport(
  order: OrderOf<"import">,
  { logs, lives }: Remembering,
  signerIdOf: (node: string) => string | undefined,
  self: string,
): OriginRecord {
  const found = caused(order.cause, "import", logs);
  const { organisation, key, cause } = found;
  checkSpec(order.suite, key);
  const ids = order.members.map((member) => signerIdOf(member.node)).sort();
  if (
    order.minSigners !== key.minSigners ||
    ids.join() !==
      cause.shares
        .map((one) => one.signerId)
        .sort()
        .join()
  ) {
    throw new Refused("no_authorisation", "the user named other holders");
  }
  const own = cause.shares.find((one) => one.signerId === signerIdOf(self))?.encryptedKeyShare ?? "";
  if (Buffer.compare(Buffer.from(own, "base64"), order.sealedShare) !== 0) {
    throw new Refused("no_authorisation", "the user sent this signer another share");
  }
  checkNotJoined(found, lives);
  return { organisation: organisation.id, key: key.id };
}
