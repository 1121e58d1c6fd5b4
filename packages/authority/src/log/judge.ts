import { genesis } from "../actions/organisation.ts";
import { RULES } from "../actions/rules.ts";
import { AuthorityError } from "../error.ts";
import { authorise, CLOCK_SKEW_MS, MAX_CHALLENGE_MS } from "./authorise.ts";
import { checkMayDo } from "./permissions.ts";
import { encodeLogRecord, type LogRecord, recordHash } from "./record.ts";
import { checkedBody, matchPath, type Rule } from "./rule.ts";
import type { Organisation } from "./state.ts";

/**
 * How old a record may be that is first seen, milliseconds: one that too few signers took before an outage is the only one that can stand
 * at its height, so those that come back must still take it. Whether a challenge, a token or an approval has expired is judged at the
 * record's time: a lying coordinator can therefore date a record back by this much, never before the record below it, and so use a
 * signature that expired up to an hour ago, or have a lock after a recovery end an hour early. It gains no more than that.
 */
export const MAX_RECORD_AGE_MS = MAX_CHALLENGE_MS;

/** What a judge knows besides the log. */
export interface Court {
  /** `networkId` of the network file. */
  readonly network: string;
  /** The own clock, milliseconds since 1970; `null` when an old log is read again: its times were judged when they were new. */
  readonly now: number | null;
}

/** The rule for an action, and the ids in its path. */
export function ruleFor(
  method: string,
  path: string,
): { readonly rule: Rule; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const rule of RULES) {
    if (rule.method !== method) continue;
    const params = matchPath(rule.path, path);
    if (params !== undefined) return { rule, params };
  }
  return undefined;
}

/**
 * Begins a log.
 *
 * @throws AuthorityError unless it is a first record with a valid organisation in it
 */
export function found(record: LogRecord): Organisation {
  if (record.height !== 0 || record.organisation !== "" || record.previous !== "") {
    throw new AuthorityError("bad_record", "not the first record of a log");
  }
  return genesis(record, recordHash(encodeLogRecord(record)));
}

/**
 * Checks the next record of a log: its place, its time, who signed it, whether they may, and what it says. Changes nothing.
 *
 * @returns what the record changes
 * @throws AuthorityError
 */
export function judge(
  organisation: Organisation,
  record: LogRecord,
  court: Court,
): { readonly hash: string; readonly apply: () => void } {
  const hash = recordHash(encodeLogRecord(record));
  checkPlace(organisation, record, court);
  const { action } = record;
  const found = ruleFor(action.method, action.path);
  if (found === undefined) {
    throw new AuthorityError("bad_record", `${action.method} ${action.path} is no action of a log`);
  }
  const { rule, params } = found;
  if (action.filled !== undefined && rule.fills !== true) {
    throw new AuthorityError("bad_record", "filled: nothing of this action is filled in", { field: "filled" });
  }
  const authorised = rule.signed ? signed(organisation, record, court.network) : null;
  if (authorised !== null && rule.operation !== null) checkMayDo(organisation, authorised.actor, rule.operation);
  const body = checkedBody(rule.body, action.body);
  const { time } = record;
  const actor = authorised?.actor ?? null;
  const change = rule.judge({ organisation, network: court.network, actor, params, body, action, hash, time });
  const apply = () => {
    change();
    if (authorised !== null) remember(organisation, authorised.id, authorised.challenge.expires, time);
    organisation.head = { height: record.height, hash };
    organisation.time = time;
  };
  return { hash, apply };
}

function signed(organisation: Organisation, { action, time }: LogRecord, network: string) {
  if (action.proof === null) throw new AuthorityError("no_authorisation", "nobody signed this action");
  const authorised = authorise(organisation, network, action, action.proof, time);
  if (organisation.used.has(authorised.id)) {
    throw new AuthorityError("already_used", "this authorisation was used for an earlier record");
  }
  return authorised;
}

function checkPlace({ id, head, time }: Organisation, record: LogRecord, { now }: Court): void {
  if (record.organisation !== id) throw new AuthorityError("bad_record", "a record of another organisation");
  if (record.height !== head.height + 1 || record.previous !== head.hash) {
    throw new AuthorityError("bad_record", `height ${record.height} does not follow ${head.height} here`);
  }
  if (record.time < time) throw new AuthorityError("bad_record", "time: before the record below");
  if (now === null) return;
  const aheadMs = record.time - now;
  if (aheadMs > CLOCK_SKEW_MS) throw new AuthorityError("bad_record", `time: ${aheadMs} ms ahead of this node's clock`);
  if (-aheadMs > MAX_RECORD_AGE_MS) {
    throw new AuthorityError("bad_record", `time: ${-aheadMs} ms behind this node's clock`);
  }
}

/** Authorisations are remembered until nobody admits them any more. */
function remember({ used }: Organisation, id: string, expires: number, time: number): void {
  for (const [old, until] of used) {
    if (until + 2 * CLOCK_SKEW_MS >= time) break;
    used.delete(old);
  }
  used.set(id, expires);
}
