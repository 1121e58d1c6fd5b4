import { type KeyEntity, keygenExecution, type Organisation } from "@quorate/authority";
import { InputError, unhex, type Waits } from "@quorate/orders";
import type { Children } from "../children.ts";
import type { KeyMaking } from "../key-making.ts";
import type { Keyring } from "../keyring.ts";
import type { KeyRecord } from "../records.ts";
import type { Reply } from "../reply.ts";
import { attempting, patiently } from "./patience.ts";

/** Which attempt at a key is under way, or was the last: no execution is begun twice. */
const ATTEMPT = "key-attempt";
/** What the keys of logs are made with. */
export interface EntityKeysParts {
  readonly waits: Waits;
  readonly keyring: Keyring;
  readonly keyMaking: KeyMaking;
  readonly children: Children;
}

/**
 * The keys that logs name, made by the signers when they are asked for: the record only says that there is to be one. Each try has an
 * execution of its own, told from record and attempt, so that signers make one key for one purpose. After a crash in the middle the key
 * is made when it is asked for again; what signers have left of the earlier attempt serves nobody, since no certificate of it is known here.
 */
export class EntityKeys {
  readonly #parts: EntityKeysParts;
  readonly #makings = new Map<string, Reply<KeyRecord>[]>();

  constructor(parts: EntityKeysParts) {
    this.#parts = parts;
  }

  /** The key of that id, made if there is none; who asks while it is made gets the same. @throws InputError */
  make(organisation: Organisation, id: string, reply: Reply<KeyRecord>): void {
    const entity = entityOf(organisation, id);
    const known = this.#parts.keyring.get(id);
    if (known !== undefined) return reply({ ok: known });
    const waiting = this.#makings.get(id);
    if (waiting !== undefined) return void waiting.push(reply);
    const replies = [reply];
    this.#makings.set(id, replies);
    this.#try(organisation, entity, (result) => {
      this.#makings.delete(id);
      for (const each of replies) each(result);
    });
  }

  #try(organisation: Organisation, entity: KeyEntity, reply: Reply<KeyRecord>): void {
    const start = (answer: Reply<KeyRecord>) => {
      const { id, name, derivedFrom } = entity;
      if (derivedFrom !== null) this.#parts.children.start({ id, name, derivedFrom }, answer);
      else this.#count(entity.id, answer, (attempt) => this.#keygen(organisation, entity, attempt, answer));
    };
    patiently(this.#parts.waits, start, reply);
  }

  #keygen({ id: organisation, head }: Organisation, entity: KeyEntity, attempt: number, reply: Reply<KeyRecord>): void {
    const { id, record, scheme, curve, name, minSigners } = entity;
    const request = { scheme, curve, name: name ?? undefined, minSigners: minSigners ?? undefined };
    const newest = { height: head.height, hash: unhex(head.hash) };
    const creation = { organisation, head: newest, key: id, attempt };
    const origin = { id, executionId: keygenExecution(record, id, attempt), creation };
    this.#parts.keyMaking.start(request, origin, reply);
  }

  /** The number of the next attempt, on disk before anybody hears of it. */
  #count(id: string, reply: Reply<KeyRecord>, then: (attempt: number) => void): void {
    const { waits } = this.#parts;
    waits.list({ kind: ATTEMPT, scope: id, newestFirst: true, limit: 1 }, ([last]) => {
      const attempt = last === undefined ? 0 : last.epoch + 1;
      const write = { kind: ATTEMPT, id, epoch: attempt, scope: id, value: new Uint8Array(), ifAbsent: true } as const;
      waits.write([write], (result) => {
        if (result === "ok") attempting(reply, () => then(attempt));
        else reply({ error: uncounted(id, result) });
      });
    });
  }
}

/** @throws InputError unless the log names such a key, in force, that the signers can make */
function entityOf({ id: organisation, keys }: Organisation, id: string): KeyEntity {
  const entity = keys.get(id);
  if (entity === undefined) {
    throw new InputError("not_found", `no key ${id.slice(0, 64)} in organisation ${organisation}`, { field: "keyId" });
  }
  if (entity.archivedAt !== null) throw new InputError("conflict", `key ${id} is archived`, { field: "keyId" });
  if (!entity.imported) return entity;
  throw new InputError("conflict", `key ${id} is imported, not made`, { field: "keyId" });
}

function uncounted(id: string, result: string): InputError {
  if (result === "conflict") {
    return new InputError("overloaded", `key ${id} is being made`, { hint: "ask for it again shortly" });
  }
  return new InputError("failed", `the attempt at the key could not be stored (${result})`, { hint: "see the disk" });
}
