import type { LoggedAction } from "@quorate/authority";
import { type Asked, challengeFor } from "@quorate/authority/testing";
import type { Committed, Coordinator, KeyRecord, RequestRecord, Result } from "@quorate/coordinator";
import { START_MS, VirtualNetwork } from "./virtual-network.ts";

export const [FIRST, SECOND] = ["coordinator", "coordinator-2"] as const;

type Body = Readonly<Record<string, unknown>>;

/** What a coordinator came to; nothing yet. */
export interface Awaited<T> {
  result: Result<T> | undefined;
}

/** A network of an organisation with two coordinators on one disk. */
export class TwoCoordinators {
  readonly network = new VirtualNetwork({ coordinators: 2 });
  readonly id = this.at(FIRST).organisations()[0]!.id;

  at(name: string): Coordinator {
    return this.network.coordinators.get(name)!;
  }

  /** Paths of the records of the log as a coordinator knows it: in order. */
  committed(name: string): readonly unknown[] {
    const happened = this.network.events.filter((one) => one.node === name && one.type === "record.committed");
    return happened.map((one) => `${one.height} ${one.hash}`);
  }

  head(name: string) {
    return this.at(name).organisation(this.id).head;
  }

  action(asked: Asked, name: string = FIRST): LoggedAction {
    const { method, path, body = {} } = asked;
    return { method, path, body, proof: this.#assert(asked, name), endorsement: null };
  }

  /** Asks a coordinator to have an action committed, and waits for nothing. */
  act(name: string, asked: Asked): Awaited<Committed> {
    return awaited((reply) => this.at(name).act(this.id, this.action(asked, name), reply));
  }

  /** A key that the log names, made by the signers at the first coordinator. */
  key(): KeyRecord {
    const asked = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
    const acted = this.act(FIRST, asked);
    this.network.until(() => acted.result !== undefined);
    const id = [...this.at(FIRST).organisation(this.id).keys.keys()].at(-1)!;
    const made = this.makeKey(FIRST, id);
    this.network.until(() => made.result !== undefined);
    this.network.pass(50);
    if (made.result === undefined || "error" in made.result) throw new Error("the key was not made");
    return made.result.ok;
  }

  makeKey(name: string, id: string): Awaited<KeyRecord> {
    return awaited((reply) => this.at(name).makeKey(this.id, id, {}, reply));
  }

  sign(name: string, key: Pick<KeyRecord, "id">, body: Body): Awaited<RequestRecord> {
    const path = `/keys/${key.id}/signatures`;
    const assertion = this.#assert({ method: "POST", path, body }, name);
    const authority = { kind: "inline", organisation: this.id, method: "POST", path, assertion } as const;
    return awaited((reply) => this.at(name).sign({ keyId: key.id, body, authority }, reply));
  }

  /** A request as a coordinator shows it. */
  shown(name: string, requestId: string): RequestRecord {
    const asked = awaited<RequestRecord>((reply) => this.at(name).signature(requestId, reply));
    this.network.settle();
    if (asked.result === undefined || "error" in asked.result) throw new Error(`${name} does not know ${requestId}`);
    return asked.result.ok;
  }

  /** Requests of a key as a coordinator shows them. */
  requests(name: string, key: KeyRecord): readonly RequestRecord[] {
    const asked = awaited<{ readonly items: readonly RequestRecord[] }>((reply) =>
      this.at(name).signatures(key.id, 100, undefined, reply),
    );
    this.network.settle();
    if (asked.result === undefined || "error" in asked.result) throw new Error("no list");
    return asked.result.ok.items;
  }

  #assert(asked: Asked, name: string) {
    const { file, now, admin } = this.network;
    return admin.assert(challengeFor(this.at(name).organisation(this.id), file.networkId, asked, START_MS + now));
  }
}

export function awaited<T>(start: (reply: (result: Result<T>) => void) => void): Awaited<T> {
  const waiting: Awaited<T> = { result: undefined };
  start((result) => {
    waiting.result = result;
  });
  return waiting;
}
