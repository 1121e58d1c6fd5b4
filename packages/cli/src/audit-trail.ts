import { type AuditAction, type AuditEntry, verifyAuditChain } from "@quorate/orders";

/** Hex of the entries of one signer's audit log, oldest first, from the first on. */
export interface SignerAudit {
  readonly node: string;
  readonly entries: readonly string[];
}

/** One signer's audit log, read and checked. */
export interface ReadAudit {
  readonly node: string;
  readonly entries: readonly AuditEntry[];
  /** Why it is not whole; `null` for one that is. */
  readonly fault: string | null;
}

/** Two signers that say different things where honest ones say the same. */
export interface Contradiction {
  readonly about: string;
  /** What each says. */
  readonly said: Readonly<Record<string, string>>;
}

/** What several signers answered under one authorisation. */
export interface Answered {
  readonly authorisation: string;
  readonly organisation: string;
  readonly key: string;
  readonly user: string;
  readonly token: string | null;
  readonly digest: string;
  readonly request: string;
  /** When each signer did, by its own clock, milliseconds since 1970. */
  readonly by: Readonly<Record<string, number>>;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Reads an audit log; whatever is not whole is named. */
export function readAudit({ node, entries }: SignerAudit): ReadAudit {
  const encoded = entries.map((one) => new Uint8Array(Buffer.from(one, "hex")));
  try {
    return { node, entries: verifyAuditChain(encoded).entries, fault: null };
  } catch (error) {
    return { node, entries: [], fault: (error as Error).message };
  }
}

/**
 * Where the logs of several signers contradict one another: two records at one height, or two requests under one authorisation. One
 * honest signer is enough to show it.
 */
export function contradictions(audits: readonly ReadAudit[]): readonly Contradiction[] {
  const said = new Map<string, Map<string, string>>();
  const note = (node: string, about: string, what: string) => {
    const known = said.get(about) ?? new Map<string, string>();
    said.set(about, known.set(node, what));
  };
  for (const { node, entries } of audits) {
    for (const { action } of entries) {
      if (action.kind === "committed") {
        note(node, `record ${action.height} of ${action.organisation}`, hex(action.hash));
      }
      if (action.kind === "answered") note(node, `authorisation ${hex(action.authorisation)}`, hex(action.digest));
    }
  }
  return [...said]
    .filter(([, by]) => new Set(by.values()).size > 1)
    .map(([about, by]) => ({ about, said: Object.fromEntries(by) }));
}

/** Every request that any of the signers answered, with all that say so. */
export function answered(audits: readonly ReadAudit[]): readonly Answered[] {
  const found = new Map<string, Answered>();
  for (const { node, entries } of audits) {
    for (const { action, time } of entries) {
      if (action.kind !== "answered") continue;
      const { organisation, key, user, token, digest, request } = action;
      const id = hex(action.authorisation);
      const told = { authorisation: id, organisation, key, user, token, digest: hex(digest), request: hex(request) };
      const name = `${id} ${told.digest}`;
      found.set(name, { ...told, by: { ...found.get(name)?.by, [node]: time } });
    }
  }
  return [...found.values()].sort((a, b) => Math.min(...Object.values(a.by)) - Math.min(...Object.values(b.by)));
}

/** An entry in words. */
export function actionText(action: AuditAction): string {
  switch (action.kind) {
    case "countersigned":
    case "committed":
      return `${action.kind} record ${action.height} of ${action.organisation}: ${hex(action.hash)}`;
    case "recordRefused":
      return `refused record ${action.height} of ${action.organisation}: ${action.code}`;
    case "equivocation":
      return `EQUIVOCATION at record ${action.height} of ${action.organisation}: ${hex(action.hash)} and ${hex(action.other)}`;
    case "answered": {
      const { key, user, token, authorisation } = action;
      return `signed with ${key} for ${user}${token === null ? "" : ` (${token})`}, authorisation ${hex(authorisation)}`;
    }
    case "refused":
      return `refused an order: ${action.code}: ${action.detail}`;
    case "suppressed":
      return `refused ${action.count} more`;
    case "halted":
      return `halted by ${action.operator}`;
    case "resumed":
      return "resumed";
    case "repaired":
      return `operators decided on ${hex(action.hash)} at height ${action.height}`;
    case "banned":
      return `works with ${action.node} no more: ${action.code}`;
    case "readmitted":
      return `works with ${action.node} again`;
    case "rolledBack":
      return `ROLLED BACK: peers know of entry ${action.sequence} of start ${action.incarnation}, which is not here`;
    case "cloned":
      return `CLONED: two processes ran as ${action.node}`;
    case "unfenced":
      return "its operator says that it is the only process of its name again";
  }
}
