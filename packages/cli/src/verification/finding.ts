import type { Scheme } from "@quorate/coordinator";
import type { CommonOptions } from "../commands/context.ts";
import { refuseArgument } from "../exit.ts";
import type { InputOptions } from "../signing-input.ts";

/** The options of `quorate verify`. */
export interface VerifyOptions extends InputOptions, CommonOptions {
  readonly key?: string;
  readonly publicKey?: string;
  readonly scheme?: Scheme;
  readonly curve?: string;
  readonly address?: string;
  readonly signature?: string;
  readonly bitcoinTx?: string;
}

/** What a verification found: facts for people as rows of a table, for machines as they are. */
export interface Finding {
  readonly valid: boolean;
  readonly by: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly string[])[];
}

const FLAGS = {
  key: "--key",
  publicKey: "--public-key",
  scheme: "--scheme",
  curve: "--curve",
  address: "--address",
  signature: "--signature",
} as const;

/** Refuses options that say what a transaction says itself. */
export function refuseOptions(options: VerifyOptions, names: readonly (keyof typeof FLAGS)[], problem: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) refuseArgument(FLAGS[given], problem, "leave it out");
}
