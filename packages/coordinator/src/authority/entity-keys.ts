import { type KeyEntity, keygenExecution, type Organisation } from "@quorate/authority";
import { InputError, unhex, type Waits } from "@quorate/orders";
import type { Children } from "../children.ts";
import type { KeyMaking } from "../key-making.ts";
import type { Keyring } from "../keyring.ts";
import type { KeyRecord } from "../records.ts";
import type { Reply, Result } from "../reply.ts";

/** Which attempt at a key is under way, or was the last: no execution is begun twice. */
const ATTEMPT = "key-attempt";
/** What a signer whose log is not where the order says refuses with; it is elsewhere soon. */
const LAGGING: ReadonlySet<unknown> = new Set(["behind", "stale_head"]);
/** Tries at a key while signers lag, and the pause before the second, which doubles. */
const MAX_TRIES = 6;
const PAUSE_MS = 100;

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
    this.#try(organisation, entity, 1, (result) => {
      this.#makings.delete(id);
      for (const each of replies) each(result);
    });
  }

  #try(organisation: Organisation, entity: KeyEntity, tries: number, reply: Reply<KeyRecord>): void {
    const answer: Reply<KeyRecord> = (result) => {
      if (!lagging(result) || tries >= MAX_TRIES) return reply(result);
      const pauseMs = PAUSE_MS * 2 ** (tries - 1);
      this.#parts.waits.after(pauseMs, () => this.#try(organisation, entity, tries + 1, reply));
    };
    if (entity.derivedFrom !== null) attempting(answer, () => this.#derive(entity, entity.derivedFrom!, answer));
    else this.#count(entity.id, answer, (attempt) => this.#keygen(organisation, entity, attempt, answer));
  }

  #derive(
    { id, scheme, curve, name }: KeyEntity,
    from: NonNullable<KeyEntity["derivedFrom"]>,
    reply: Reply<KeyRecord>,
  ) {
    this.#parts.children.start({ scheme, curve, name: name ?? undefined }, from, reply, id);
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

/** What is refused at once is answered like what is refused later. */
function attempting(reply: Reply<KeyRecord>, start: () => void): void {
  try {
    start();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reply({ error });
  }
}

function lagging(result: Result<KeyRecord>): boolean {
  return "error" in result && LAGGING.has(result.error.details?.abort);
}

function uncounted(id: string, result: string): InputError {
  if (result === "conflict") {
    return new InputError("overloaded", `key ${id} is being made`, { hint: "ask for it again shortly" });
  }
  return new InputError("failed", `the attempt at the key could not be stored (${result})`, { hint: "see the disk" });
}
