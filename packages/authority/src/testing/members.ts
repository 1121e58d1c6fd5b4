import { credentialFingerprint } from "../credentials/attestation.ts";
import { idOf } from "../index.ts";
import { type TestOrganisation, TestUser } from "./organisation.ts";

/** Puts an end user into the state, as if it had registered: for tests of what it may do. */
export function addEndUser(organisation: TestOrganisation, username: string) {
  return addPerson(organisation, username, "EndUser");
}

/** Puts an employee into the state who may do `operations`. */
export function addEmployee(organisation: TestOrganisation, username: string, operations: readonly string[]) {
  const employee = addPerson(organisation, username, "CustomerEmployee");
  permit(organisation, employee.id, operations);
  return employee;
}

function addPerson({ state, time }: TestOrganisation, username: string, kind: "EndUser" | "CustomerEmployee") {
  const user = new TestUser();
  const seed = Buffer.from(username).toString("hex").padEnd(64, "0").slice(0, 64);
  const id = idOf("us", seed);
  const uuid = idOf("cr", seed);
  const { credentialId, publicKey } = user;
  state.users.set(id, {
    ...{ id, kind, username, externalId: null, isActive: true, isRegistered: true, isArchived: false },
    ...{ lockedUntil: null, trustedOnFirstUse: false, created: time },
  });
  state.credentials.set(uuid, {
    ...{ uuid, credentialId, kind: "Key", name: "first", user: id, token: null, publicKey },
    fingerprint: credentialFingerprint("Key", credentialId, publicKey),
    ...{ encryptedPrivateKey: null, isActive: true, isPending: false, isArchived: false, created: time },
  });
  state.credentialIds.set(credentialId, uuid);
  const endUser = [...state.permissions.values()].find((one) => one.name === "ManagedDefaultEndUserAccess");
  if (kind === "EndUser" && endUser !== undefined) assign({ state, time }, id, endUser.id);
  return { id, user };
}

/** Makes a service account that may do `operations`, by records of the log where there are such. @returns who signs for it */
export function addServiceAccount(
  organisation: TestOrganisation,
  operations: readonly string[],
): Pick<TestUser, "assert"> & { readonly id: string } {
  const robot = new TestUser();
  const name = `robot-${organisation.records.length}`;
  const body = { name, publicKey: robot.publicKey };
  const hash = organisation.act({ method: "POST", path: "/auth/service-accounts", body });
  const id = idOf("us", hash);
  permit(organisation, id, operations);
  const token = organisation.state.tokens.get(idOf("to", hash))!;
  const { credentialId } = organisation.state.credentials.get(token.credential)!;
  return { ...robot.as(credentialId), id };
}

function permit(organisation: TestOrganisation, identity: string, operations: readonly string[]): void {
  const { state, time } = organisation;
  const id = `pm-${state.permissions.size}`;
  state.permissions.set(id, {
    ...{ id, name: id, operations, isImmutable: false, isArchived: false, created: time, updated: time },
  });
  assign(organisation, identity, id);
}

function assign({ state, time }: Pick<TestOrganisation, "state" | "time">, identity: string, permission: string): void {
  const id = `as-${state.assignments.size}`;
  state.assignments.set(id, { id, permission, identity, isImmutable: false, created: time });
}
