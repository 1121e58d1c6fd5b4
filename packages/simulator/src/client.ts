import { idOf } from "@quorate/authority";
import type {
  Coordinator,
  Curve,
  KeyRecord,
  RequestAuthority,
  RequestRecord,
  Result,
  Scheme,
} from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Asked, Person } from "./person.ts";
import { type Simulation, START_MS } from "./simulation.ts";

/** A request for a signature as its asker sees it. */
export interface Asking {
  readonly key: KeyRecord;
  readonly body: Readonly<Record<string, unknown>>;
  readonly askedMs: number;
  readonly deadlineMs: number;
  /** How often the asker sent it. */
  tries: number;
  result: Result<RequestRecord> | undefined;
  endedMs: number | undefined;
}

/** Somebody who asks for keys and signatures, as an application does, and remembers what came of it. */
export class Client {
  readonly asked: Asking[] = [];
  readonly #simulation: Simulation;
  readonly #person: Person;

  constructor(simulation: Simulation, person: Person = simulation.admin) {
    this.#simulation = simulation;
    this.#person = person;
  }

  /** Has an action committed to the log. @param then its record's hash, or why not */
  act(asked: Asked, then: (result: Result<{ hash: string }>) => void): void {
    const { coordinator, organisation } = this.#simulation;
    const { method, path, body } = asked;
    const proof = this.#person.sign(organisation, this.#simulation.file.networkId, asked, this.#wallMs);
    this.#caught(then, () => {
      coordinator.act(organisation.id, { method, path, body, proof, endorsement: null }, then);
    });
  }

  /** Has a key made. */
  createKey(scheme: Scheme, curve: Curve, then: (result: Result<KeyRecord>) => void): void {
    this.act({ method: "POST", path: "/keys", body: { scheme, curve } }, (result) => {
      if ("error" in result) return then(result);
      const { coordinator, organisation } = this.#simulation;
      this.#caught(then, () => coordinator.makeKey(organisation.id, idOf("key", result.ok.hash), {}, then));
    });
  }

  /** Asks for a signature once; `asked` shows how it went. */
  sign(key: KeyRecord, body: Readonly<Record<string, unknown>>, deadlineMs = 30_000): Asking {
    const { coordinator, organisation, now } = this.#simulation;
    const authority = this.authorise(key, body, organisation.id);
    const asking: Asking = {
      ...{ key, body, askedMs: now, deadlineMs, tries: 1, result: undefined, endedMs: undefined },
    };
    this.asked.push(asking);
    this.send(asking, coordinator, authority);
    return asking;
  }

  /** Sends a request, perhaps again. */
  send(asking: Asking, to: Coordinator, authority: RequestAuthority): void {
    const { key, body, deadlineMs } = asking;
    const ended = (result: Result<RequestRecord>) => {
      asking.result = result;
      asking.endedMs = this.#simulation.now;
      this.#simulation.observers.answered(this, asking, result);
    };
    this.#caught(ended, () => to.sign({ keyId: key.id, body, authority, deadlineMs }, ended));
  }

  /** The user's signature over a request for a signature. */
  authorise(key: KeyRecord, body: Readonly<Record<string, unknown>>, organisation: string): RequestAuthority {
    const asked = { method: "POST", path: `/keys/${key.id}/signatures`, body } as const;
    const { file } = this.#simulation;
    const assertion = this.#person.sign(this.#simulation.organisation, file.networkId, asked, this.#wallMs);
    return { kind: "inline", organisation, method: asked.method, path: asked.path, assertion };
  }

  get #wallMs(): number {
    return START_MS + Math.floor(this.#simulation.now);
  }

  #caught<T>(then: (result: Result<T>) => void, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      then({ error });
    }
  }
}
