import type { Event, NodeId } from "@quorate/orders";
import type { TraceLine } from "@quorate/simulator";
import { duration } from "../output.ts";
import { eventText, formText } from "./words.ts";

/** Something that had to do with a request, in words. */
export interface Step {
  /** Milliseconds after the first of them. */
  readonly afterMs: number;
  readonly node: NodeId;
  readonly text: string;
}

/** What became of a request, and why. */
export interface Explanation {
  readonly request: string;
  readonly summary: string;
  readonly steps: readonly Step[];
}

/** What happens to processes and links while a request is under way may be why it goes as it does. */
const AROUND: ReadonlySet<string> = new Set(["fault.injected", "fault.cleared", "process.crashed", "process.started"]);

/** The requests that a trace tells of, in the order in which they end. */
export function requestsIn(lines: readonly TraceLine[]): readonly string[] {
  return [...new Set(lines.filter(({ type }) => ENDS.has(type)).map((one) => String(one.request)))];
}

const ENDS: ReadonlySet<string> = new Set(["request.signed", "request.failed"]);

/**
 * Tells from a trace which signers were asked for a request, what each attempt came to and why it was tried again.
 *
 * @param lines in order of time
 * @param names of the signers, by identifier from 1
 * @returns `undefined` if the trace does not tell of it
 */
export function explain(
  lines: readonly TraceLine[],
  request: string,
  names: readonly NodeId[],
): Explanation | undefined {
  const attempts = lines.filter(({ type, request: of }) => type === "attempt.ended" && of === request);
  const executions = new Set(attempts.map((one) => one.execution));
  const own = lines.filter((one) => one.request === request || executions.has(one.execution ?? ""));
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const [attempt] = attempts;
  const beginMs = Math.min(first.at, attempt === undefined ? first.at : startOf(attempt));
  const during = lines.filter(({ at, type }) => AROUND.has(type) && at >= beginMs && at <= last.at);
  const before = inForceAt(lines, beginMs).map((one) => ({ ...one, at: beginMs }));
  const told = [...before, ...[...own, ...during].toSorted((a, b) => a.at - b.at || a.seq - b.seq)];
  return {
    request,
    summary: summaryOf(own, attempts),
    steps: told.map((line) => ({
      afterMs: line.at - beginMs,
      node: line.node,
      text: textOf(line, { attempts, names }),
    })),
  };
}

function startOf({ at, tookMs }: TraceLine): number {
  return typeof tookMs === "number" ? at - tookMs : at;
}

/** Faults that had begun and not ended. */
function inForceAt(lines: readonly TraceLine[], atMs: number): readonly TraceLine[] {
  const inForce = new Map<unknown, TraceLine>();
  for (const line of lines) {
    if (line.at >= atMs) break;
    if (line.type === "fault.injected") inForce.set(line.id, line);
    if (line.type === "fault.cleared") inForce.delete(line.id);
  }
  return [...inForce.values()];
}

function summaryOf(own: readonly TraceLine[], attempts: readonly TraceLine[]): string {
  const end = own.find(({ type }) => ENDS.has(type));
  const failures = attempts.filter((one) => one.result !== "signed").map((one) => one.result);
  const why = failures.length === 0 ? "" : `: ${failures.join("; ")}`;
  const counted = attempts.length === 1 ? "at the first attempt" : `after ${attempts.length} attempts`;
  if (end === undefined) return `has not ended, ${attempts.length} attempts so far${why}`;
  if (end.type === "request.failed") return `failed ${counted}: ${end.reason}`;
  const total = (end.timing as { readonly totalMs?: number } | null | undefined)?.totalMs;
  const took = total === undefined ? "" : ` in ${duration(total)}`;
  return `was signed by ${list(end.signers)}${took}, ${counted}${why === "" ? "" : ` (before${why})`}`;
}

interface Around {
  readonly attempts: readonly TraceLine[];
  readonly names: readonly NodeId[];
}

function textOf({ at: _, seq, node: __, ...event }: TraceLine, { attempts, names }: Around): string {
  if (event.type === "attempt.ended")
    return attemptText(
      event,
      attempts,
      attempts.findIndex((one) => one.seq === seq),
    );
  const named = (value: unknown) => Array.isArray(value) && value.map((id) => names[Number(id) - 1] ?? `signer ${id}`);
  const { waitingFor, culprits, ...rest } = event;
  if (event.type !== "session.aborted") return eventText(event as Event);
  return eventText({ ...rest, type: event.type, waitingFor: named(waitingFor) || [], culprits: named(culprits) || [] });
}

/** An attempt, and in what its set differs from that of the one before. */
function attemptText({ signers, form, result, tookMs }: Event, attempts: readonly TraceLine[], at: number): string {
  const before = attempts[at - 1]?.signers;
  const [now, then] = [signers, before].map((one) => (Array.isArray(one) ? (one as readonly string[]) : []));
  const left = then!.filter((one) => !now!.includes(one));
  const instead = left.length === 0 ? "" : `, without ${left.join(", ")} this time,`;
  const took = typeof tookMs === "number" ? ` took ${duration(tookMs)} and` : "";
  const how = `attempt ${at + 1} with ${list(signers)}${instead} ${formText(form)},${took} ended: ${result}`;
  return result === "signed" || at === attempts.length - 1 ? how : `${how}; tried again`;
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "nobody";
}
