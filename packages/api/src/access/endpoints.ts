import { checkMayDo, type LoggedAction } from "@quorate/authority";
import { readOptionalObject } from "../input.ts";
import { type ApiContext, type App, ask, type Handler, type Method, route } from "../routes.ts";
import { type Access, chargeAddress } from "./access.ts";
import type { Committed } from "./authority.ts";
import { type Session, sessionOf } from "./session.ts";
import { takeAction } from "./user-action.ts";

/** What a handler makes: an answer, or what becomes its JSON. */
type Answer = Response | object | Promise<Response | object>;

/** A mutation whose user signed it, for this caller and exactly this request. */
export interface SignedCall {
  readonly session: Session;
  readonly action: LoggedAction;
}

/** One that the log has taken: ids follow from `committed.hash`. */
export interface LoggedCall extends SignedCall {
  readonly committed: Committed;
}

/** What the documentation says of an endpoint. */
export interface Described {
  readonly method: Method;
  readonly path: string;
  /** Who may call: anybody; callers with a token; callers with a token that signed exactly this request. */
  readonly access: "open" | "bearer" | "signed";
  /** Whether it stands in the organisation's log. */
  readonly isLogged: boolean;
  /** What the caller must have been given, where the endpoint itself asks. */
  readonly operation: string | null;
}

/** The endpoints of users, by who may call them. Gathered first: a path says which methods it has. */
export class Endpoints {
  readonly access: Access;
  readonly #paths = new Map<string, Partial<Record<Method, Handler>>>();
  readonly #described = new Map<string, Described>();

  constructor(access: Access) {
    this.access = access;
  }

  /** For whoever asks; counted by address. */
  open(method: Method, path: string, handler: (c: ApiContext) => Answer): void {
    this.#add(method, path, async (c) => {
      chargeAddress(this.access, c);
      return answered(c, await handler(c));
    });
    this.#describe({ method, path, access: "open", isLogged: false, operation: null });
  }

  /** For callers with a token, without a signature. */
  bearer(method: Method, path: string, handler: (c: ApiContext, session: Session) => Answer): void {
    this.#add(method, path, async (c) => answered(c, await handler(c, await this.#session(c))));
    this.#describe({ method, path, access: "bearer", isLogged: false, operation: null });
  }

  /** For callers that were given the operation; `null` when the handler itself decides what they see. */
  read(path: string, operation: string | null, handler: (c: ApiContext, session: Session) => Answer): void {
    this.bearer("GET", path, (c, session) => {
      if (operation !== null) checkMayDo(session.organisation, session, operation);
      return handler(c, session);
    });
    this.#describe({ method: "GET", path, access: "bearer", isLogged: false, operation });
  }

  /** A signed mutation that no log takes. @param operation what its caller must have been given; `null` when the handler decides */
  action(
    method: Exclude<Method, "GET">,
    path: string,
    operation: string | null,
    handler: (c: ApiContext, call: SignedCall) => Answer,
  ): void {
    this.bearer(method, path, async (c, session) => {
      const action = await takeAction(this.access, c, session, await readOptionalObject(c));
      if (operation !== null) checkMayDo(session.organisation, session, operation);
      return handler(c, { session, action });
    });
    this.#describe({ method, path, access: "signed", isLogged: false, operation });
  }

  /**
   * A signed mutation of the log: the rule for its path decides. The handler shapes the answer, from the state that has it.
   *
   * @param check what only the API knows of the body, before the log hears of it
   */
  logged(
    method: Exclude<Method, "GET">,
    path: string,
    handler: (c: ApiContext, call: LoggedCall) => Answer,
    check: (call: SignedCall) => Promise<void> | void = () => {},
  ): void {
    this.action(method, path, null, async (c, call) => {
      await check(call);
      const { organisation } = call.session;
      const committed = await ask<Committed>((reply) => this.access.authority.act(organisation.id, call.action, reply));
      return handler(c, { ...call, committed });
    });
    this.#describe({ method, path, access: "signed", isLogged: true, operation: null });
  }

  /** All endpoints, by path. */
  described(): readonly Described[] {
    return [...this.#described.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Serves what was gathered; fixed paths before those with ids in them. */
  mount(app: App): void {
    const rank = (path: string) => path.replaceAll(/:[^/]+/g, "~");
    const sorted = [...this.#paths].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
    for (const [path, handlers] of sorted) route(app, path, handlers);
  }

  #add(method: Method, path: string, handler: Handler): void {
    this.#paths.set(path, { ...this.#paths.get(path), [method]: handler });
  }

  #describe(one: Described): void {
    this.#described.set(`${one.method} ${one.path}`, one);
  }

  /** Whoever comes with a bad token is counted by address, as without one. */
  async #session(c: ApiContext): Promise<Session> {
    try {
      return await sessionOf(this.access, c);
    } catch (error) {
      chargeAddress(this.access, c);
      throw error;
    }
  }
}

function answered(c: ApiContext, answer: Response | object): Response {
  return answer instanceof Response ? answer : c.json(answer);
}
