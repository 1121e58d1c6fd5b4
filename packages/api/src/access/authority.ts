import type { LoggedAction, Organisation } from "@quorate/authority";
import type { KeyRecord, Reply } from "@quorate/coordinator";

/** Where the log took an action. */
export interface Committed {
  /** Hex, of the record: the ids of what it made follow from it. */
  readonly hash: string;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What the API needs of the coordinator besides keys and signatures: the logs, and to propose actions to them. */
export interface Authority {
  organisations(): readonly Organisation[];
  /** @throws InputError `not_found` */
  organisation(id: string): Organisation;
  /** Answers once enough signers took the action and `organisation(id)` says so. */
  act(organisationId: string, action: LoggedAction, reply: Reply<Committed>): void;
  /** Makes the key of an entity that the log created. */
  makeKey(
    organisationId: string,
    keyEntityId: string,
    options: { readonly presign?: number },
    reply: Reply<KeyRecord>,
  ): void;
}
