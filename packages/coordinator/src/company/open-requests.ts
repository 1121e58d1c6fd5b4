import type { NodeId, RecordWrite, Waits } from "@quorate/orders";
import { decodeRecord, encodeRecord, type RequestRecord } from "../records.ts";

const MARK = "open-request";
/** Written only where there is none: of several that take up the same request, one does. */
const CLAIM = "request-claim";
/** Written where there is none by whoever ends a request: of several that try, the first one's end stands. */
const END = "request-end";

/** A request that is open, and who works on it. */
export interface OpenRequest {
  readonly id: string;
  readonly owner: NodeId;
  /** How often it has changed hands. */
  readonly claims: number;
}

/** The marks of open requests: what a coordinator that starts goes on with, and what the others take up when one is gone. */
export class OpenRequests {
  readonly #waits: Waits;
  readonly #self: NodeId;
  /** Whose a mark without a name is: from before there were several. */
  readonly #first: NodeId;
  readonly #claims = new Map<string, number>();
  /** Whether no other coordinator works on this database. */
  readonly isAlone: boolean;

  constructor(waits: Waits, self: NodeId, coordinators: readonly NodeId[]) {
    this.#waits = waits;
    this.#self = self;
    this.#first = coordinators[0]!;
    this.isAlone = coordinators.length === 1;
  }

  /** The mark of a request that this coordinator works on. */
  mark(id: string): RecordWrite {
    return { kind: MARK, id, epoch: 0, value: encodeRecord({ owner: this.#self, claims: this.#claims.get(id) ?? 0 }) };
  }

  /** What is left of it when the request ends. */
  unmark(id: string): readonly RecordWrite[] {
    const claims = Array.from({ length: this.#claims.get(id) ?? 0 }, (_, epoch) => {
      return { kind: CLAIM, id, epoch, value: null };
    });
    this.#claims.delete(id);
    return [{ kind: MARK, id, epoch: 0, value: null }, ...claims];
  }

  /** Keeps another coordinator from ending it as well. */
  ended(id: string): readonly RecordWrite[] {
    return this.isAlone ? [] : [{ kind: END, id, epoch: 0, value: new Uint8Array(), ifAbsent: true }];
  }

  /** The requests that some coordinators left open. */
  of(isTheirs: (owner: NodeId) => boolean, limit: number, then: (open: readonly OpenRequest[]) => void): void {
    this.#waits.list({ kind: MARK, limit }, (listed) => {
      const open = listed.flatMap(({ id, record }) => {
        if (record.state !== "present") return [];
        const told = record.value.length === 0 ? {} : decodeRecord<{ owner?: string; claims?: number }>(record.value);
        return [{ id, owner: told.owner ?? this.#first, claims: told.claims ?? 0 }];
      });
      then(open.filter(({ owner }) => isTheirs(owner)));
    });
  }

  /** The records of open requests; one that cannot be read is left where it is. */
  read(open: readonly Pick<OpenRequest, "id">[], then: (records: readonly RequestRecord[]) => void): void {
    const keys = open.map(({ id }) => ({ kind: "request", id, epoch: 0 }));
    this.#waits.read(keys, (records) => {
      then(records.flatMap((one) => (one.state === "present" ? [decodeRecord<RequestRecord>(one.value)] : [])));
    });
  }

  /** Makes a request this coordinator's own. @param then with it, unless another took it or it has ended */
  claim({ id, claims }: OpenRequest, then: (record: RequestRecord | undefined) => void): void {
    this.#claims.set(id, claims + 1);
    const claim = { kind: CLAIM, id, epoch: claims, value: encodeRecord({ by: this.#self }), ifAbsent: true } as const;
    this.#waits.write([claim, this.mark(id)], (result) => {
      if (result !== "ok") {
        this.#claims.delete(id);
        return then(undefined);
      }
      this.read([{ id }], ([record]) => {
        if (record?.status === "Executing" || record?.status === "Pending") return then(record);
        this.#waits.write(this.unmark(id), () => {}); // it ended between the look and the claim
        then(undefined);
      });
    });
  }
}
