import { genesis } from "../actions/organisation.ts";
import { RULES } from "../actions/rules.ts";
import { AuthorityError } from "../error.ts";
import { authorise, CLOCK_SKEW_MS } from "./authorise.ts";
import { checkMayDo } from "./permissions.ts";
import { encodeLogRecord, type LogRecord, recordHash } from "./record.ts";
import { checkedBody, matchPath, type Rule } from "./rule.ts";
import type { Organisation } from "./state.ts";

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
  const now = court.now ?? record.time;
  const authorised = rule.signed ? signed(organisation, record, court.network, now) : null;
  if (authorised !== null && rule.operation !== null) checkMayDo(organisation, authorised.actor, rule.operation);
  const body = checkedBody(rule.body, action.body);
  const { time } = record;
  const actor = authorised?.actor ?? null;
  const change = rule.judge({ organisation, network: court.network, actor, params, body, action, hash, time, now });
  const apply = () => {
    change();
    if (authorised !== null) remember(organisation, authorised.id, authorised.challenge.expires, time);
    organisation.head = { height: record.height, hash };
    organisation.time = time;
  };
  return { hash, apply };
}

function signed(organisation: Organisation, { action }: LogRecord, network: string, now: number) {
  if (action.proof === null) throw new AuthorityError("no_authorisation", "nobody signed this action");
  const authorised = authorise(organisation, network, action, action.proof, now);
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
  if (now !== null && Math.abs(record.time - now) > CLOCK_SKEW_MS) {
    throw new AuthorityError("bad_record", `time: ${record.time - now} ms from this node's clock`);
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
