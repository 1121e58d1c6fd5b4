import type { Domain, Group } from "@quorate/curves";
import { type ExtensionContext, extensionBytes } from "../ot/extension.ts";
import { otParameters } from "../ot/parameters.ts";

/** One multiplication of a pair. */
export interface MultiplyParams {
  /** Whose scalars are multiplied. */
  readonly group: Group;
  /** Domain of all hashes: the key's suite. */
  readonly domain: Domain;
  /** 32 bytes, from contributions of both parties and never the same twice for a pair. */
  readonly msid: Uint8Array;
}

/** The use of the seeds that a multiplication is. */
export function extensionOf({ group, domain, msid }: MultiplyParams): ExtensionContext {
  return { domain, msid, parameters: otParameters(group.backend) };
}

/** How long the messages of a multiplication are. */
export interface MessageBytes {
  /** OTs. */
  readonly xi: number;
  /** The corrections: three scalars for each OT. */
  readonly tau: number;
  /** Message 1: the extension. */
  readonly first: number;
  /** Message 2: the corrections, then eta and mu. */
  readonly second: number;
}

export function messageBytes({ backend }: Pick<Group, "backend">): MessageBytes {
  const parameters = otParameters(backend);
  const tau = 96 * parameters.xi;
  return { xi: parameters.xi, tau, first: extensionBytes(parameters), second: tau + 64 };
}

/** A check failed whose result depends on a secret of ours. It says which check, and nothing about where. */
export class FailedCheck extends Error {
  override readonly name = "FailedCheck";
  readonly check: "extension" | "multiplication";
  constructor(check: "extension" | "multiplication") {
    super(`the peer's ${check} does not hold`);
    this.check = check;
  }
}
