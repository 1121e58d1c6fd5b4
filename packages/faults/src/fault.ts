import type { LinkSelector, Selector } from "./selector.ts";

/** A fault of a whole process, its disk or its clock. */
export type NodeFault =
  /** `round`: once the node takes part in that round of a session, instead of at once. */
  | { readonly kind: "crash" | "pause"; readonly node: Selector; readonly round?: number }
  | { readonly kind: "disk-full" | "rollback" | "clone"; readonly node: Selector }
  | { readonly kind: "slow"; readonly node: Selector; readonly factor: number }
  | { readonly kind: "disk-slow"; readonly node: Selector; readonly ms: number }
  | { readonly kind: "bit-flip" | "swap"; readonly node: Selector; readonly record: string }
  | {
      readonly kind: "clock";
      readonly node: Selector;
      readonly skewMs?: number;
      readonly driftPpm?: number;
      readonly frozen?: true;
    };

/** A fault of what nodes send to one another. */
export type LinkFault =
  | { readonly kind: "partition"; readonly link: LinkSelector }
  | { readonly kind: "flap"; readonly link: LinkSelector; readonly everyMs: number }
  | { readonly kind: "delay"; readonly link: LinkSelector; readonly ms: number }
  | {
      readonly kind: "loss" | "duplicate" | "corrupt" | "reorder";
      readonly link: LinkSelector;
      readonly probability: number;
    }
  | { readonly kind: "throttle"; readonly link: LinkSelector; readonly bytesPerSecond: number };

/** A signer that does not follow the protocol. `round`: only there (`silent`: from there on); `to`: only towards those. */
export interface SignerFault {
  readonly kind:
    | "wrong-share"
    | "bad-share"
    | "bad-proof"
    | "equivocate"
    | "silent"
    | "selective-silence"
    | "spoof"
    | "replay"
    | "invalid-points"
    | "wrong-length"
    | "rush"
    | "selective-abort"
    | "storm"
    | "ot-failure";
  readonly node: Selector;
  readonly round?: number;
  readonly to?: Selector;
}

/** A coordinator that lies to the signers; all coordinators unless it says which. */
export interface CoordinatorFault {
  readonly kind:
    | "coordinator:no-authority"
    | "coordinator:altered-payload"
    | "coordinator:different-messages"
    | "coordinator:twice"
    | "coordinator:replay"
    | "coordinator:expired"
    | "coordinator:drop-signer"
    | "coordinator:bad-set"
    | "coordinator:flood";
  readonly node?: Selector;
}

/** One fault as data: the same in `quorate fault inject`, in scenarios and in the simulator. */
export type Fault = NodeFault | LinkFault | SignerFault | CoordinatorFault;
export type FaultKind = Fault["kind"];

/** A fault in force. */
export interface ActiveFault {
  /** Names it where it is in force, such as `f3`. */
  readonly id: string;
  readonly fault: Fault;
  /** After how long it ends by itself; until cleared if absent. */
  readonly forMs?: number;
}

/** Where faults can be had: in virtual time, on the processes of `quorate up`, in containers. */
export type Layer = "simulator" | "live" | "containers";

/** What a parameter of a fault may be, with its bounds. */
export type Parameter =
  | { readonly is: "number"; readonly least: number; readonly most: number; readonly whole?: true }
  | { readonly is: "milliseconds"; readonly least: number; readonly most: number }
  | { readonly is: "probability" | "selector" | "link" | "record" | "true" };

/** What is known of a kind of fault. Parsing, help texts and documentation follow from it. */
export interface FaultForm {
  /** On what it acts. */
  readonly on: "node" | "link" | "signer" | "coordinator";
  /** What the node or link does, for people. */
  readonly does: string;
  readonly layers: readonly Layer[];
  /** Beyond `node` or `link`. */
  readonly needs?: Readonly<Record<string, Parameter>>;
  readonly takes?: Readonly<Record<string, Parameter>>;
}

const EVERYWHERE = ["simulator", "live", "containers"] as const;
const PROCESSES = ["simulator", "live"] as const;
/** A year, milliseconds: more than any clock needs to be wrong. */
const MAX_SKEW_MS = 366 * 86_400_000;

const milliseconds = { is: "milliseconds", least: 1, most: 3_600_000 } as const;
const probability = { probability: { is: "probability" } } as const;
const record = { record: { is: "record" } } as const;
const round = { round: { is: "number", least: 1, most: 16, whole: true } } as const;
const towards = { ...round, to: { is: "selector" } } as const;

const ofNode = (does: string, layers: readonly Layer[], more: Pick<FaultForm, "needs" | "takes"> = {}): FaultForm => ({
  ...{ on: "node", does, layers },
  ...more,
});
const ofLink = (does: string, needs: FaultForm["needs"] = {}): FaultForm => ({
  ...{ on: "link", does, layers: EVERYWHERE, needs },
});
const ofSigner = (
  does: string,
  takes: FaultForm["takes"] = towards,
  layers: readonly Layer[] = EVERYWHERE,
): FaultForm => ({
  ...{ on: "signer", does, layers, takes },
});
const ofCoordinator = (does: string): FaultForm => ({ on: "coordinator", does, layers: EVERYWHERE });

/** Every kind of fault. */
export const FAULTS: Readonly<Record<FaultKind, FaultForm>> = {
  crash: ofNode("ends at once, as at a loss of power, and starts again when the fault ends", EVERYWHERE, {
    takes: round,
  }),
  pause: ofNode("stands still and goes on when the fault ends", EVERYWHERE, { takes: round }),
  slow: ofNode("computes so many times slower", EVERYWHERE, {
    needs: { factor: { is: "number", least: 1, most: 1000 } },
  }),
  "disk-full": ofNode("has no space for anything that is written", EVERYWHERE),
  "disk-slow": ofNode("makes everything durable so much later", EVERYWHERE, { needs: { ms: milliseconds } }),
  "bit-flip": ofNode("finds a bit of such a record flipped on its disk", PROCESSES, { needs: record }),
  swap: ofNode("finds two such records exchanged on its disk", PROCESSES, { needs: record }),
  rollback: ofNode("starts from an older copy of its disk", PROCESSES),
  clone: ofNode("runs twice, on a copy of its disk and under one identity", PROCESSES),
  clock: ofNode("has a wall clock that is wrong by so much, drifts, or stands still", EVERYWHERE, {
    takes: {
      skewMs: { is: "milliseconds", least: -MAX_SKEW_MS, most: MAX_SKEW_MS },
      driftPpm: { is: "number", least: -1_000_000, most: 1_000_000 },
      frozen: { is: "true" },
    },
  }),
  partition: ofLink("carries nothing, heartbeats included"),
  flap: ofLink("carries nothing for so long, then everything for so long, and again", { everyMs: milliseconds }),
  delay: ofLink("takes so much longer", { ms: milliseconds }),
  loss: ofLink("loses messages", probability),
  duplicate: ofLink("delivers messages twice", probability),
  corrupt: ofLink("flips a bit of messages", probability),
  reorder: ofLink("has messages overtaken by those after them", probability),
  throttle: ofLink("carries only so much", {
    bytesPerSecond: { is: "number", least: 1, most: 1e9 },
  }),
  "wrong-share": ofSigner("sends signature shares that are wrong by one bit", {}),
  "bad-share": ofSigner("deals shares that are not on its polynomial when a key gets shares"),
  "bad-proof": ofSigner("sends proofs and openings of commitments that are wrong"),
  equivocate: ofSigner("sends two different broadcasts where all should get one"),
  silent: ofSigner("takes orders and does not answer; given a round: falls silent there", round),
  "selective-silence": ofSigner("sends to some of the others nothing"),
  spoof: ofSigner("sends messages of sessions in the name of others", {}),
  replay: ofSigner("sends what it sent in an earlier session, again"),
  "invalid-points": ofSigner("sends points and scalars that are none"),
  "wrong-length": ofSigner("sends messages that are too short, or too long"),
  rush: ofSigner("waits for what all others send in a round before it sends"),
  "selective-abort": ofSigner("stops sessions whose result it does not like", {}),
  storm: ofSigner("opens many sessions that nobody ordered", {}),
  "ot-failure": ofSigner("sends multiplication messages that fail for some secrets and not for others", towards),
  "coordinator:no-authority": ofCoordinator("orders signatures that no user asked for"),
  "coordinator:altered-payload": ofCoordinator("changes what the user signed before it orders the signature"),
  "coordinator:different-messages": ofCoordinator("has each signer sign another message"),
  "coordinator:twice": ofCoordinator("orders a second signature with the same presignature or commitments"),
  "coordinator:replay": ofCoordinator("uses a user's authorisation again for something else"),
  "coordinator:expired": ofCoordinator("orders signatures whose deadline has passed"),
  "coordinator:drop-signer": ofCoordinator("keeps orders from one signer of each set"),
  "coordinator:bad-set": ofCoordinator("names sets that are too small, name a signer twice, or a stranger"),
  "coordinator:flood": ofCoordinator("gives every order many times"),
};

/** Whether this version knows such a fault. */
export function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(FAULTS, kind);
}

/** Whether it is done to the files of a node, from outside. */
export function isOfFiles({ kind }: Fault): boolean {
  return kind === "rollback" || kind === "clone" || kind === "bit-flip" || kind === "swap";
}

/** Whether the process does it to itself. */
export function isOfProcess(fault: Fault): boolean {
  if (fault.kind === "crash" || fault.kind === "pause") return fault.round !== undefined;
  return !isOfFiles(fault);
}

export function isLinkFault(fault: Fault): fault is LinkFault {
  return FAULTS[fault.kind].on === "link";
}
