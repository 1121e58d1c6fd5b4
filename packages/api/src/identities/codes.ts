import { randomBytes } from "node:crypto";
import type { Organisation, User } from "@quorate/authority";
import { sha256 } from "@quorate/curves";
import { hex } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import { HttpError } from "../errors.ts";

/** What a code is good for. */
export type CodePurpose = "registration" | "recovery" | "credential" | "login";

/** How long codes live, milliseconds; those of credentials as long as their user says. */
const LIFE_MS: Readonly<Record<CodePurpose, number>> = {
  registration: 7 * 86_400_000,
  recovery: 15 * 60_000,
  credential: 15 * 60_000,
  login: 15 * 60_000,
};

/** Without letters that look like others: 32 of them, so that each stands for five bits. */
const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

interface Code {
  readonly organisation: string;
  readonly user: string;
}

/**
 * Makes a code of 100 random bits for a user, in place of any before. Only its hash is kept.
 *
 * @param expires milliseconds since 1970; the usual unless given
 */
export async function newCode(
  access: Access,
  purpose: CodePurpose,
  organisation: Organisation,
  user: User,
  expires = access.now() + LIFE_MS[purpose],
): Promise<string> {
  const letters = [...randomBytes(20)].map((byte) => ALPHABET[byte & 31]!).join("");
  const code = letters.replace(/.{5}(?=.)/g, "$&-");
  await endCodes(access, purpose, organisation.id, user.id);
  const value: Code = { organisation: organisation.id, user: user.id };
  const scope = scopeOf(purpose, organisation.id, user.id);
  await access.records.put({ kind: "code", id: nameOf(purpose, code), scope, value, expires });
  return code;
}

/** What mail would bring to the user: into the event stream and the log of the operator, who sends it on. */
export function announceCode(access: Access, purpose: CodePurpose, { username, id }: User, code: string): void {
  const { events, network } = access.options;
  const about = { node: network.coordinator.name, at: access.now(), purpose, username, user: id };
  events.publish({ type: "api.code", ...about, code });
}

/** Whose code it is; it stays good until `endCodes`. @throws HttpError 403 for any other, after whatever time */
export async function readCode(access: Access, purpose: CodePurpose, code: string): Promise<Code> {
  const found = (await access.records.get("code", nameOf(purpose, code)))?.value as Code | undefined;
  if (found !== undefined) return found;
  throw new HttpError("forbidden", "this code is not right, or has expired", "ask for a new one");
}

/** Ends the code of a user that was used, or replaced. */
export function endCodes({ records }: Access, purpose: CodePurpose, organisation: string, user: string): Promise<void> {
  return records.end("code", scopeOf(purpose, organisation, user));
}

function scopeOf(purpose: CodePurpose, organisation: string, user: string): string {
  return `${purpose}/${organisation}/${user}`;
}

function nameOf(purpose: CodePurpose, code: string): string {
  const letters = code.toUpperCase().replaceAll(/[^A-Z2-9]/g, "");
  return hex(sha256(new TextEncoder().encode(`${purpose}/${letters}`)));
}
