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
  /** Every answer, in order: of the first sending, of copies, and of asking again. */
  readonly answers: Result<RequestRecord>[];
  /** When the first answer came. */
  endedMs: number | undefined;
  /** The coordinator that has it now; `undefined` while none could be reached. */
  with: Coordinator | undefined;
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
    caught(then, () => coordinator.act(organisation.id, { method, path, body, proof, endorsement: null }, then));
  }

  /** Has a key made. */
  createKey(scheme: Scheme, curve: Curve, then: (result: Result<KeyRecord>) => void): void {
    this.act({ method: "POST", path: "/keys", body: { scheme, curve } }, (result) => {
      if ("error" in result) return then(result);
      const { coordinator, organisation } = this.#simulation;
      caught(then, () => coordinator.makeKey(organisation.id, idOf("key", result.ok.hash), {}, then));
    });
  }

  /** Asks for a signature, now if a coordinator runs; `insist` does it later. */
  ask(key: KeyRecord, body: Readonly<Record<string, unknown>>, deadlineMs = 30_000): Asking {
    const asking: Asking = {
      ...{ key, body, askedMs: this.#simulation.now, deadlineMs, answers: [], endedMs: undefined, with: undefined },
    };
    this.asked.push(asking);
    this.insist(asking);
    return asking;
  }

  /** Asks again, unless the coordinator that has the request still runs. */
  insist(asking: Asking): void {
    const { coordinators } = this.#simulation;
    if (asking.with !== undefined && coordinators.includes(asking.with)) return;
    asking.with = coordinators.find((one) => one.ready && one.organisations().length > 0);
    this.repeat(asking);
  }

  /** Sends the request once more, as a client does that did not hear. */
  repeat(asking: Asking): void {
    const { key, body, deadlineMs, with: coordinator } = asking;
    if (coordinator === undefined || !this.#simulation.coordinators.includes(coordinator)) return;
    const authority = this.authorise(coordinator, key, body);
    const ended = (result: Result<RequestRecord>) => {
      asking.answers.push(result);
      asking.endedMs ??= this.#simulation.now;
      this.#simulation.observers.answered(this, asking, result);
    };
    caught(ended, () => coordinator.sign({ keyId: key.id, body, authority, deadlineMs }, ended));
  }

  /** The user's signature over a request for a signature. */
  authorise(to: Coordinator, key: KeyRecord, body: Readonly<Record<string, unknown>>): RequestAuthority {
    const asked = { method: "POST", path: `/keys/${key.id}/signatures`, body } as const;
    const [organisation] = to.organisations();
    if (organisation === undefined) throw new InputError("not_found", "the coordinator knows no organisation");
    const assertion = this.#person.sign(organisation, this.#simulation.file.networkId, asked, this.#wallMs);
    return { kind: "inline", organisation: organisation.id, method: asked.method, path: asked.path, assertion };
  }

  get #wallMs(): number {
    return START_MS + Math.floor(this.#simulation.now);
  }
}

function caught<T>(then: (result: Result<T>) => void, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    then({ error });
  }
}
