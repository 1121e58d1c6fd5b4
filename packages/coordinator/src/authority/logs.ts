import { encodeLogRecord, type LoggedAction, type LogRecord, type Organisation, recordHash } from "@quorate/authority";
import { hex, InputError, type NetworkFile, type NodeId, type OutcomeOf } from "@quorate/orders";
import type { Reply } from "../reply.ts";
import { Log, type LogParts } from "./log.ts";
import type { Committed } from "./queue.ts";
import type { LogReport } from "./report.ts";

/** The logs of all organisations of a network. */
export class Logs {
  readonly #logs = new Map<string, Log>();

  /** @param genesis the first record of each @throws InputError unless they are those of the network file */
  constructor(parts: LogParts, genesis: readonly LogRecord[]) {
    checkGenesis(parts.network, genesis);
    for (const record of genesis) {
      const log = new Log(parts, record);
      this.#logs.set(log.state.id, log);
    }
  }

  /** Reads all logs. @param then once they are read */
  start(then: () => void): void {
    let left = this.#logs.size;
    if (left === 0) return then();
    for (const log of this.#logs.values()) {
      log.start(() => {
        left -= 1;
        if (left === 0) then();
      });
    }
  }

  all(): readonly Organisation[] {
    return [...this.#logs.values()].map((log) => log.state);
  }

  report(): readonly LogReport[] {
    return [...this.#logs.values()].map((log) => log.report());
  }

  /** @throws InputError `not_found` */
  get(id: string): Organisation {
    return this.#log(id).state;
  }

  /** Has an action committed. @throws InputError `not_found`, `overloaded` */
  act(organisation: string, action: LoggedAction, reply: Reply<Committed>): void {
    this.#log(organisation).act(action, reply);
  }

  take(from: NodeId, outcome: OutcomeOf<"countersigned"> | OutcomeOf<"recordRefused"> | OutcomeOf<"heads">): void {
    if (outcome.kind === "heads") return this.#heads(from, outcome);
    const log = this.#logs.get(outcome.organisation);
    if (outcome.kind === "countersigned") log?.countersigned(from, outcome);
    else log?.refused(from, outcome);
  }

  lost(node: NodeId): void {
    for (const log of this.#logs.values()) log.lost(node);
  }

  /** A signer's log is older than ours. */
  carry(organisation: string, node: NodeId): void {
    this.#logs.get(organisation)?.carry(node);
  }

  /** A signer's log is newer than ours. */
  refresh(organisation: string, adopt = true): void {
    this.#logs.get(organisation)?.refresh(adopt);
  }

  /** Others may have written to any of them. @param adopt whether to take up what they proposed as well */
  refreshAll(adopt: boolean): void {
    for (const log of this.#logs.values()) log.refresh(adopt);
  }

  #heads(from: NodeId, { heads }: OutcomeOf<"heads">): void {
    for (const [id, log] of this.#logs) {
      const said = heads.find((one) => one.organisation === id);
      log.head(from, said && { height: said.height, hash: hex(said.hash) });
    }
  }

  #log(id: string): Log {
    const log = this.#logs.get(id);
    if (log !== undefined) return log;
    throw new InputError("not_found", `no organisation ${id.slice(0, 64)}`, { field: "organisation" });
  }
}

function checkGenesis({ organisations }: NetworkFile, genesis: readonly LogRecord[]): void {
  const field = "organisations";
  const given = genesis.map((record) => recordHash(encodeLogRecord(record)));
  const named = organisations.map((one) => one.genesis);
  const missing = named.find((one) => !given.includes(one));
  if (missing !== undefined)
    throw new InputError("invalid_input", `no first record for ${missing} of the network file`, { field });
  const foreign = given.find((one) => !named.includes(one));
  if (foreign !== undefined)
    throw new InputError("invalid_input", `the network file names no organisation ${foreign}`, { field });
}
