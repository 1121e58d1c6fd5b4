import { decode, encode } from "@quorate/curves";
import { hex, type RecordWrite, type Waits } from "@quorate/orders";
import { type OriginRecord, originRecord, RECORD_KINDS } from "@quorate/vault";

/** For which key of the log each share was made: written with the share, and the only word on what that share may sign for. */
export class Origins {
  readonly #origins = new Map<string, OriginRecord>();

  /** @param ids of the keys held, hex. A record that cannot be used leaves its share without origin: nothing is signed with it. */
  load(waits: Waits, ids: readonly string[], then: () => void): void {
    const keys = ids.map((id) => ({ kind: RECORD_KINDS.origin, id, epoch: 0 }));
    waits.read(keys, (records) => {
      for (const [at, record] of records.entries()) {
        if (record.state !== "present") continue;
        try {
          this.#origins.set(ids[at]!, decode(originRecord, record.value));
        } catch {
          // As without one.
        }
      }
      then();
    });
  }

  of(keyId: Uint8Array): OriginRecord | undefined {
    return this.#origins.get(hex(keyId));
  }

  keep(id: string, origin: OriginRecord): void {
    this.#origins.set(id, origin);
  }

  static writes(id: string, origin: OriginRecord | null): readonly RecordWrite[] {
    return origin === null ? [] : [{ kind: RECORD_KINDS.origin, id, epoch: 0, value: encode(originRecord, origin) }];
  }
}
