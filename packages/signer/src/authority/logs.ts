import { AuthorityError, type Organisation } from "@quorate/authority";
import {
  hex,
  type NamedHead,
  type NetworkFile,
  type OrderOf,
  type RepairStatement,
  type Waits,
  type World,
} from "@quorate/orders";
import type { Audit } from "../audit.ts";
import type { Link } from "../link.ts";
import { Refused } from "../refused.ts";
import { type Followed, headBytes, Log } from "./log.ts";
import { followedWrites, LogStore } from "./log-store.ts";
import { Snapshots } from "./snapshots.ts";

/** What the logs work with. */
export interface LogsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly network: NetworkFile;
  readonly audit: Audit;
}

/** The head of a log as an order names it. */
export interface OrderedHead {
  readonly organisation: string;
  readonly head: { readonly height: number; readonly hash: Uint8Array };
}

/** Who made this signer follow records. */
export type Source = "coordinator" | { readonly peer: string };

/** The logs of the network's organisations, as this signer verified and keeps them. */
export class Logs {
  readonly store: LogStore;
  readonly #parts: LogsParts;
  readonly #snapshots: Snapshots;
  readonly #logs: ReadonlyMap<string, Log>;
  /** Called when this signer lacks records of a log. */
  lacking: (organisation: string) => void = () => {};
  /** Called once followed records are durable. */
  grown: (organisation: string) => void = () => {};
  /** Whether a peer is known to be ahead, and is being followed. */
  catchingUp: (organisation: string) => boolean = () => false;

  constructor(parts: LogsParts) {
    const { network, link } = parts;
    this.#parts = parts;
    this.#snapshots = new Snapshots(parts);
    this.store = new LogStore(parts.waits);
    const logs = network.organisations.map(({ genesis }) => new Log(network, link.networkHash, genesis));
    this.#logs = new Map(logs.map((log) => [log.id, log]));
  }

  /** Reads all logs from this signer's own records. */
  load(then: () => void): void {
    const rest = [...this.#logs.values()];
    const next = (): void => {
      const log = rest.shift();
      if (log === undefined) return then();
      this.#snapshots.load(log, () =>
        this.store.load(log, () => {
          if (log.damaged)
            this.#parts.world.emit({ type: "authority.damaged", organisation: log.id, height: log.height });
          this.#snapshots.keep(log);
          next();
        }),
      );
    };
    next();
  }

  find(organisation: string): Log | undefined {
    return this.#logs.get(organisation);
  }

  /** Where the logs end here; those whose first record is not here are left out. */
  heads(): readonly NamedHead[] {
    return [...this.#logs.values()].flatMap((log) => {
      const head = log.organisation?.head;
      return head === undefined ? [] : [{ organisation: log.id, ...headBytes(head) }];
    });
  }

  /** What operators decided about heights that are still to come. */
  repairs(): readonly RepairStatement[] {
    return [...this.#logs.values()].flatMap(({ repair }) => (repair === undefined ? [] : [repair]));
  }

  /** What this signer countersigned where each log ends, and nobody has committed yet. */
  taken(): readonly { readonly organisation: string; readonly height: number; readonly hash: string }[] {
    return [...this.#logs.values()].flatMap(({ id, taken }) =>
      taken === undefined || taken === "unreadable" ? [] : [{ organisation: id, ...taken.head }],
    );
  }

  /** How far each log of the network is known here; -1 for one whose first record is missing. */
  heights(): readonly { readonly organisation: string; readonly height: number }[] {
    return [...this.#logs.values()].map((log) => ({ organisation: log.id, height: log.height }));
  }

  /** The newest state that this signer knows, whatever an order knew when it came. @throws Refused */
  newest(organisation: string): Organisation {
    const log = this.#logs.get(organisation);
    const view = log?.forked === false ? log.view : undefined;
    if (view === undefined) throw new Refused("conflict", "the log of this organisation is not whole here");
    return view;
  }

  /**
   * The state in which an order is judged: of a coordinator that knows no older log than this signer, by a signer that knows no older
   * one than anybody whom it hears.
   *
   * @throws Refused `unknown_organisation`, `stale_head`, `behind`, `conflict`
   */
  state({ organisation, head }: OrderedHead): Organisation {
    const log = this.#logs.get(organisation);
    if (log === undefined) throw new Refused("unknown_organisation", "the network file names no such organisation");
    if (log.forked)
      throw new Refused("conflict", "the records of the log here do not come to the state of this signer");
    const { view, height } = log;
    if (view === undefined || head.height > height) {
      this.lacking(organisation);
      throw new Refused("behind", `the order knows height ${head.height} of the log, this signer ${height}`);
    }
    if (head.height < height)
      throw new Refused("stale_head", `the order knows height ${head.height}, the log is at ${height}`);
    if (hex(head.hash) !== view.head.hash)
      throw new Refused("conflict", `at height ${height} there is another record here`);
    if (this.catchingUp(organisation)) throw new Refused("behind", "another signer knows a newer record of the log");
    return view;
  }

  commit(order: OrderOf<"commit">): void {
    this.follow(order.organisation, order.records, "coordinator");
  }

  /** Verifies records that follow, applies and stores them. @returns whether nothing was wrong with them */
  follow(organisation: string, records: OrderOf<"commit">["records"], source: Source): boolean {
    const log = this.#logs.get(organisation);
    if (log === undefined)
      return this.#refuse(organisation, source, new AuthorityError("unknown_organisation", "not of this network"));
    const followed: Followed[] = [];
    let fault: AuthorityError | undefined;
    for (const record of records) {
      try {
        const one = log.follow(record);
        if (one !== undefined) followed.push(one);
      } catch (error) {
        if (!(error instanceof AuthorityError)) throw error;
        fault = error;
        break;
      }
    }
    if (followed.length > 0) this.#keep(log, followed);
    if (fault === undefined) return true;
    if (fault.code === "behind") this.lacking(organisation);
    return this.#refuse(organisation, source, fault);
  }

  #keep(log: Log, followed: readonly Followed[]): void {
    const { audit, world } = this.#parts;
    for (const { head } of followed) audit.note({ kind: "committed", organisation: log.id, ...headBytes(head) });
    audit.write(followedWrites(log, followed), undefined, (result) => {
      // Without room it is followed all the same, and asked for again after the next start.
      if (result !== "ok") world.emit({ type: "authority.not_stored", organisation: log.id, result });
      for (const { head } of result === "ok" ? followed : []) {
        world.emit({ type: "authority.committed", organisation: log.id, height: head.height, hash: head.hash });
      }
      this.grown(log.id);
      if (result === "ok") this.#snapshots.keep(log);
    });
  }

  #refuse(organisation: string, source: Source, { code, message }: AuthorityError): false {
    const { link, world } = this.#parts;
    if (source !== "coordinator") link.refuse(source.peer, code, message);
    else world.emit({ type: "authority.refused", organisation, code, detail: message });
    return false;
  }
}
