import type { Assertion, Organisation, User } from "@quorate/authority";
import type { Access } from "./access.ts";

/** How long it is shown which actions were signed, milliseconds; of each organisation the newest few thousand. */
const KEPT_MS = 31 * 86_400_000;

/** An action that a user signed, whether or not it was done afterwards. */
export interface NotedAction {
  readonly method: string;
  readonly path: string;
  readonly user: string;
  readonly username: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly proof: Assertion;
}

/** Remembers that an action was signed. */
export async function noteAction(
  access: Access,
  told: { organisation: Organisation; user: User; method: string; path: string; proof: Assertion },
): Promise<void> {
  const { organisation, user, method, path, proof } = told;
  const at = access.now();
  const value: NotedAction = { method, path, user: user.id, username: user.username, at, proof };
  const [id, scope] = [access.newId("lo"), organisation.id];
  await access.records.put({ kind: "action", id, scope, value, expires: at + KEPT_MS });
}
