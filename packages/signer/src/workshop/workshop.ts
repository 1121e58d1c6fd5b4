import { type Backend, group, type Identity, type Random } from "@quorate/curves";
import {
  decodePairSetup,
  type Pair,
  type PairConfig,
  type PairSetup,
  pairContext,
  pairRounds,
  presign,
  presignRounds,
  setUpPair,
} from "@quorate/dkls23";
import { curveOf, type Member, type NodeId } from "@quorate/orders";
import { Abort, type Protocol, Session } from "@quorate/protocol";
import type { Behaviour } from "../config.ts";
import { stepped } from "../driver.ts";
import { HeldPair } from "./held-pair.ts";
import {
  type Installed,
  type Made,
  type MadeState,
  PAIR_CLASS,
  type PairPlan,
  type Plan,
  type PresignPlan,
  type WorkshopJob,
} from "./job.ts";

/** What a workshop is made of. */
export interface WorkshopConfig {
  readonly identity: Identity;
  readonly random: Random;
  readonly backend: Backend;
  /** Edits of an honest signer's conduct; only ever set under `--allow-faults`. */
  readonly behaviour?: Behaviour;
}

type Output = Uint8Array;

/**
 * Runs the heavy sessions of one signer: pair setups and the rounds that make presignatures. It alone holds the pairs' secrets,
 * and it does one thing after another: so the consistency checks against one peer are serial over all keys and sessions, and
 * whoever fails one finds the pair burned at the next. What it makes it hands over and forgets.
 */
export class Workshop {
  readonly #config: WorkshopConfig;
  readonly #pairs = new Map<NodeId, HeldPair>();
  readonly #sessions = new Map<string, Session<Output>>();

  constructor(config: WorkshopConfig) {
    this.#config = config;
  }

  /** Does a job. Never throws for what a peer sent. */
  work(job: WorkshopJob): Made | Installed | undefined {
    switch (job.kind) {
      case "install":
        return this.#install(job.peer, job.setup);
      case "forget":
        this.#pairs.get(job.peer)?.retire();
        this.#pairs.delete(job.peer);
        return undefined;
      case "start":
        return this.#start(job.session, job.plan);
      case "accept":
        return this.#step(job.session, (session) => session.accept(job.from, job.frame));
      case "saved":
        return this.#step(job.session, (session) => session.saved());
      case "stop":
        this.#sessions.get(job.session)?.stop(new Abort("stopped"));
        this.#sessions.delete(job.session);
        return undefined;
    }
  }

  #install(peer: NodeId, stored: Uint8Array): Installed {
    try {
      return this.#hold(peer, decodePairSetup(stored, this.#config.backend));
    } catch {
      return undefined; // what is wrong with it could quote it
    } finally {
      stored.fill(0);
    }
  }

  #hold(peer: NodeId, setup: PairSetup): { readonly setupId: Uint8Array; readonly epoch: number } {
    this.#pairs.get(peer)?.retire();
    this.#pairs.set(peer, new HeldPair(setup));
    return { setupId: setup.setupId.slice(), epoch: setup.epoch };
  }

  #start(name: string, plan: Plan): Made {
    const session = plan.what === "pair" ? this.#pairSession(plan) : this.#presignSession(plan);
    if (session === undefined) return ABORTED;
    this.#sessions.set(name, session);
    return this.#step(name, (one) => one.start());
  }

  #pairSession(plan: PairPlan): Session<Output> {
    const { identity, random, backend } = this.#config;
    const { executionId, peer, networkId, epoch, identities, rank } = plan;
    const config: PairConfig = { networkId, pairClass: PAIR_CLASS, epoch, identities, backend };
    const setup = {
      executionId,
      context: pairContext(config),
      participants: identities.map((publicKey, at) => ({ identifier: at + 1, publicKey })),
      rounds: pairRounds(backend),
      self: rank,
      identity,
    };
    const protocol = this.#edited("pair", setUpPair(config, rank, identity, random), [
      { identifier: 3 - rank, node: peer },
    ]);
    return new Session(
      setup,
      held(protocol, (made) => this.#hold(peer, made).setupId),
    );
  }

  /** @returns `undefined` if a pair is not there: it was burned or replaced since the order was taken */
  #presignSession(plan: PresignPlan): Session<Output> | undefined {
    const { identity, random, backend } = this.#config;
    const { executionId, context, participants, self, suite, request, tweak } = plan;
    const curve = group(curveOf(suite), backend);
    const pairs = new Map<number, Pair>();
    const others = participants.filter((one) => one.identifier !== self);
    for (const { identifier, node } of others) {
      const pair = this.#pairs.get(node);
      if (pair === undefined || pair.burned) return undefined;
      pairs.set(identifier, pair);
    }
    const signingShare = curve.decodeScalar(plan.signingShare);
    plan.signingShare.fill(0);
    const signers = participants.map((one) => one.identifier);
    const publicKey = curve.decodePoint(plan.publicKey);
    const config = {
      group: curve,
      suite,
      context,
      request,
      self,
      signers,
      signingShare,
      tweak,
      publicKey,
      pairs,
      random,
    };
    const setup = { executionId, context, participants, rounds: presignRounds(curve), self, identity };
    return new Session(
      setup,
      held(this.#edited("presign", presign(config), others), (made) => made.encode()),
    );
  }

  #edited<Out>(name: "pair" | "presign", protocol: Protocol<Out>, peers: readonly Member[]): Protocol<Out> {
    return this.#config.behaviour?.protocol?.(name, protocol, peers) ?? protocol;
  }

  #step(name: string, step: (session: Session<Output>) => ReturnType<Session<Output>["start"]>): Made {
    const session = this.#sessions.get(name);
    if (session === undefined) return ABORTED;
    const { state, ...rest } = stepped(session, () => step(session));
    if (state.kind === "done" || state.kind === "aborted") this.#sessions.delete(name);
    return { ...rest, state: plain(state) };
  }
}

/** A protocol that ends with the bytes in which its output leaves. */
function* held<Made>(protocol: Protocol<Made>, leave: (made: Made) => Output): Protocol<Output> {
  using running = protocol;
  return leave(yield* running);
}

/** What leaves has a buffer of its own, which can move to another thread. */
function plain(state: Session<Output>["state"]): MadeState {
  if (state.kind === "running") return state;
  if (state.kind === "checkpoint") return { kind: "checkpoint", value: state.value.expose().slice() };
  if (state.kind === "done") {
    const output = state.output.slice();
    state.output.fill(0);
    return { kind: "done", output };
  }
  const { code, culprits, exhibit, evidence } = state.abort;
  return { kind: "aborted", abort: { code, culprits, exhibit, evidence } };
}

const NOBODY = { code: "pair_burned", culprits: [], exhibit: new Uint8Array(), evidence: undefined } as const;
const ABORTED: Made = {
  state: { kind: "aborted", abort: NOBODY },
  outgoing: [],
  waitingFor: [],
  dropped: [],
  broadcasts: [],
};
