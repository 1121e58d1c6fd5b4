import type { ApiToken, Assignment, Credential, Organisation, Permission, User } from "@quorate/authority";
import { date } from "../shapes.ts";

/** What identities were given, as Dfns lists it in them. */
function assignmentsOf(organisation: Organisation, identity: string) {
  return [...organisation.assignments.values()].flatMap((one) => {
    const permission = organisation.permissions.get(one.permission);
    if (one.identity !== identity || permission === undefined || permission.isArchived) return [];
    const { id: permissionId, name: permissionName, operations } = permission;
    return [{ permissionName, permissionId, assignmentId: one.id, operations }];
  });
}

/** A user, with the members that Dfns gives it. */
export function userShape(organisation: Organisation, user: User) {
  const first = [...organisation.credentials.values()].find((one) => one.user === user.id && !one.isArchived);
  const permissionAssignments = assignmentsOf(organisation, user.id);
  return {
    username: user.username,
    name: user.username,
    userId: user.id,
    kind: user.kind === "ServiceAccount" ? "CustomerEmployee" : user.kind,
    credentialUuid: first?.uuid ?? "",
    orgId: organisation.id,
    permissions: [...new Set(permissionAssignments.flatMap((one) => one.operations))],
    isActive: user.isActive,
    isServiceAccount: user.kind === "ServiceAccount",
    isRegistered: user.isRegistered,
    isSSORequired: false,
    permissionAssignments,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    _quorate: {
      trustedOnFirstUse: user.trustedOnFirstUse,
      ...(user.lockedUntil === null ? {} : { lockedUntil: date(user.lockedUntil) }),
    },
  };
}

/** A token. @param accessToken its bearer text, which is shown once */
export function tokenShape(organisation: Organisation, token: ApiToken, accessToken?: string) {
  const credential = organisation.credentials.get(token.credential);
  return {
    ...(accessToken === undefined ? {} : { accessToken }),
    credId: credential?.credentialId ?? "",
    dateCreated: date(token.created),
    isActive: token.isActive,
    kind: token.kind,
    linkedUserId: token.user,
    linkedAppId: "",
    name: token.name,
    orgId: organisation.id,
    permissionAssignments: assignmentsOf(organisation, token.id),
    publicKey: credential?.publicKey ?? "",
    tokenId: token.id,
    ...(token.externalId === null ? {} : { externalId: token.externalId }),
  };
}

/** A service account with its tokens. */
export function serviceAccountShape(organisation: Organisation, user: User, accessToken?: string) {
  const { isSSORequired: _, ...userInfo } = userShape(organisation, user);
  const tokens = [...organisation.tokens.values()].filter((one) => one.user === user.id);
  return { userInfo, accessTokens: tokens.map((one) => tokenShape(organisation, one, accessToken)) };
}

export function credentialShape(organisation: Organisation, credential: Credential) {
  const { id, origins } = organisation.settings.relyingParty;
  return {
    kind: credential.kind,
    credentialId: credential.credentialId,
    credentialUuid: credential.uuid,
    dateCreated: date(credential.created),
    isActive: credential.isActive,
    name: credential.name,
    publicKey: credential.publicKey,
    relyingPartyId: id,
    origin: origins[0] ?? "",
    _quorate: { fingerprint: credential.fingerprint, isPending: credential.isPending },
  };
}

export function permissionShape(permission: Permission) {
  return {
    id: permission.id,
    name: permission.name,
    operations: permission.operations,
    status: "Active",
    isImmutable: permission.isImmutable,
    isArchived: permission.isArchived,
    dateCreated: date(permission.created),
    dateUpdated: date(permission.updated),
  };
}

export function assignmentShape({ id, permission, identity, isImmutable, created }: Assignment) {
  const dates = { dateCreated: date(created), dateUpdated: date(created) };
  return { id, permissionId: permission, identityId: identity, isImmutable, ...dates };
}
