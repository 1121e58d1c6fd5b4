import type { Actor } from "../log/authorise.ts";
import type { SignatureForm } from "../log/signature-request.ts";
import type { KeyEntity, Organisation, Wallet } from "../log/state.ts";

/** What a policy looks at: who wants what signed, with what, when. */
export interface Activity {
  readonly key: KeyEntity;
  readonly wallet: Wallet | null;
  readonly form: SignatureForm;
  readonly actor: Actor;
  readonly body: Readonly<Record<string, unknown>>;
  readonly time: number;
}

/** `hold`: others must approve first; `count`: it counts against a limit, so that it has to be in the log before it is signed. */
export type Verdict =
  | { readonly kind: "pass" }
  | { readonly kind: "block"; readonly policy: string; readonly reason: string }
  | { readonly kind: "hold"; readonly policies: readonly string[] }
  | { readonly kind: "count"; readonly policies: readonly string[] };

/** What the policies of an organisation make of a request to sign. */
export function evaluatePolicies(organisation: Organisation, _activity: Activity): Verdict {
  const inForce = [...organisation.policies.values()].filter(({ archivedAt }) => archivedAt === null);
  if (inForce.length === 0) return { kind: "pass" };
  return { kind: "block", policy: inForce[0]!.id, reason: "this version does not evaluate it" };
}
