import type { LoggedAction, Organisation } from "@quorate/authority";
import type {
  CauseCall,
  Export,
  KeyRecord,
  Page,
  Reply,
  RequestRecord,
  SignerReport,
  SignRequest,
} from "@quorate/coordinator";

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
  /** @throws InputError `not_found` for a key that the signers have not made */
  key(id: string): KeyRecord;
  sign(request: SignRequest, reply: Reply<RequestRecord>): void;
  signature(id: string, reply: Reply<RequestRecord>): void;
  signatures(keyId: string, limit: number, after: number | undefined, reply: Reply<Page<RequestRecord>>): void;
  signers(): readonly SignerReport[];
  exportCaused(cause: CauseCall, reply: Reply<Export>): void;
  importCaused(cause: CauseCall, reply: Reply<KeyRecord>): void;
  refreshCaused(cause: CauseCall, reply: Reply<KeyRecord>): void;
}
