import type { KeptVerdict } from "@quorate/signer";

/** The verdicts of one signer. */
export interface SignerVerdicts {
  readonly node: string;
  readonly verdicts: readonly KeptVerdict[];
}

/** What somebody did, and who found it. */
export interface Case extends KeptVerdict {
  /** When the first of them found it, milliseconds since 1970. */
  readonly at: number;
  readonly heldBy: readonly string[];
}

/** One case for each misdeed, oldest first, however many signers found it. */
export function casesOf(told: readonly SignerVerdicts[]): readonly Case[] {
  const cases = new Map<string, Case>();
  for (const { node, verdicts } of told) {
    for (const verdict of verdicts) {
      const known = cases.get(verdict.id);
      const at = Math.min(verdict.at, known?.at ?? verdict.at);
      cases.set(verdict.id, { ...verdict, at, heldBy: [...(known?.heldBy ?? []), node] });
    }
  }
  return [...cases.values()].toSorted((a, b) => a.at - b.at);
}
