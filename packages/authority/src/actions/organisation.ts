import { z } from "zod";
import { credentialFingerprint } from "../credentials/attestation.ts";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { END_USER, EVERY_OPERATION, FULL_ADMIN } from "../log/permissions.ts";
import type { LogRecord } from "../log/record.ts";
import { checkedBody } from "../log/rule.ts";
import type { Credential, Organisation, Permission, User } from "../log/state.ts";
import { pem, words } from "./fields.ts";
import { END_USER_OPERATIONS } from "./operations.ts";

/** The path of the first record. */
export const GENESIS_PATH = "/organisations";

const settings = z.strictObject({
  registration: z.enum(["endorsed", "tofu"]),
  relyingParty: z.strictObject({
    id: z.string().min(1).max(253),
    name: words(100),
    origins: z.array(z.url()).min(1).max(16),
    userVerification: z.boolean(),
  }),
  recoveryLockDays: z.int().min(0).max(365),
  liftLocks: z.boolean(),
  exportedKeysSign: z.boolean(),
  maxNetworkFee: z.string().regex(/^[0-9]{1,40}$/),
});

const body = z.strictObject({
  name: words(100),
  settings,
  admin: z.strictObject({
    username: words(100),
    credentialId: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/),
    publicKey: pem,
  }),
});

/** What the first record of a log says: the organisation and its first credential. */
export type Genesis = z.output<typeof body>;

/**
 * The organisation that a first record founds. Nobody signs it: its hash stands in the network file.
 *
 * @throws AuthorityError
 */
export function genesis(record: LogRecord, hash: string): Organisation {
  if (record.action.method !== "POST" || record.action.path !== GENESIS_PATH) {
    throw new AuthorityError("bad_record", "the first record of a log founds an organisation");
  }
  const { name, settings, admin } = checkedBody(body, record.action.body);
  const { time } = record;
  const user: User = {
    id: idOf("us", hash),
    kind: "CustomerEmployee",
    username: admin.username,
    externalId: null,
    isActive: true,
    isRegistered: true,
    isArchived: false,
    lockedUntil: null,
    trustedOnFirstUse: false,
    created: time,
  };
  const credential = firstCredential(admin, user, hash, time);
  const full = permission(FULL_ADMIN, [EVERY_OPERATION], hash, 0, time);
  const endUser = permission(END_USER, END_USER_OPERATIONS, hash, 1, time);
  const assignment = { id: idOf("as", hash), permission: full.id, identity: user.id, isImmutable: true, created: time };
  return {
    ...{ id: idOf("or", hash), name, settings, head: { height: 0, hash }, time },
    users: new Map([[user.id, user]]),
    credentials: new Map([[credential.uuid, credential]]),
    credentialIds: new Map([[credential.credentialId, credential.uuid]]),
    permissions: new Map([full, endUser].map((one) => [one.id, one])),
    assignments: new Map([[assignment.id, assignment]]),
    ...{ tokens: new Map(), keys: new Map(), wallets: new Map(), policies: new Map() },
    ...{ requests: new Map(), approvals: new Map(), used: new Map() },
  };
}

function firstCredential(admin: Genesis["admin"], user: User, hash: string, time: number): Credential {
  const { credentialId, publicKey } = admin;
  return {
    uuid: idOf("cr", hash),
    credentialId,
    kind: "Key",
    name: "first",
    user: user.id,
    token: null,
    publicKey,
    fingerprint: credentialFingerprint("Key", credentialId, publicKey),
    encryptedPrivateKey: null,
    isActive: true,
    isPending: false,
    isArchived: false,
    created: time,
  };
}

function permission(name: string, operations: readonly string[], hash: string, n: number, time: number): Permission {
  return {
    ...{ id: idOf("pm", hash, n), name, operations, isImmutable: true, isArchived: false },
    ...{ created: time, updated: time },
  };
}
