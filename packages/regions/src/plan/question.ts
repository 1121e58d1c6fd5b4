import { MAX_DELAY_FACTOR } from "../latency.ts";
import { findRegion, UnknownRegionError } from "../places.ts";
import { type Candidate, countPlacements, DOMAINS, type Domain } from "./candidate.ts";
import type { UserGroup, Workload } from "./latency-model.ts";
import type { Quantiles } from "./samples.ts";

/** What is to be placed, and for whom. */
export interface PlanQuestion extends Workload {
  readonly candidates: readonly Candidate[];
  /** n */
  readonly maxSigners: number;
  /** t */
  readonly minSigners: number;
  /** After the loss of so many of a kind, any of them, `minSigners` must be left. */
  readonly survive: Readonly<Partial<Record<Domain, number>>>;
  /** Region of the coordinator; the best of each placement's if absent. */
  readonly coordinator?: string;
  /** What the placements are ranked by. */
  readonly rankBy: keyof Quantiles;
  /** How many of the best are described. */
  readonly top: number;
}

/** What of a question cannot be answered, and the way out. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  readonly field: keyof PlanQuestion;
  readonly hint: string;
  constructor(field: keyof PlanQuestion, problem: string, hint: string) {
    super(problem);
    this.field = field;
    this.hint = hint;
  }
}

/** So many placements are looked at. */
export const MAX_PLACEMENTS = 100_000;
/** As many as a network has. */
export const MAX_SIGNERS = 15;
export const MAX_USER_TRIPS = 10;
export const MAX_TOP = 100;

/** @returns how many placements there are @throws PlanError naming what cannot be */
export function checkQuestion(question: PlanQuestion): number {
  const { maxSigners, minSigners, userTrips, top, jitter } = question;
  checkWhole("maxSigners", maxSigners, 2, MAX_SIGNERS);
  checkWhole("minSigners", minSigners, 2, maxSigners);
  checkWhole("userTrips", userTrips, 1, MAX_USER_TRIPS);
  checkWhole("top", top, 1, MAX_TOP);
  if (jitter !== 0 && !(jitter >= 1 && jitter <= MAX_DELAY_FACTOR)) {
    throw new PlanError("jitter", `${jitter} is no jitter`, `0 for none, or a ratio from 1 to ${MAX_DELAY_FACTOR}`);
  }
  if (question.coordinator !== undefined) checkRegion("coordinator", question.coordinator);
  checkUsers(question.users);
  for (const domain of DOMAINS) checkWhole("survive", question.survive[domain] ?? 0, 0, maxSigners);
  return checkCandidates(question.candidates, maxSigners);
}

function checkUsers(users: readonly UserGroup[]): void {
  const seen = new Set<string>();
  for (const { region, weight } of users) {
    checkRegion("users", region);
    if (seen.has(region)) throw new PlanError("users", `${region} is there twice`, "add the weights up");
    seen.add(region);
    if (weight > 0 && Number.isFinite(weight)) continue;
    throw new PlanError("users", `${region} has weight ${weight}`, "a number above 0, such as virginia:60,london:40");
  }
}

function checkCandidates(candidates: readonly Candidate[], maxSigners: number): number {
  const seen = new Set<string>();
  for (const { region, operator, count } of candidates) {
    checkRegion("candidates", region);
    const name = operator === undefined ? region : `${region}@${operator}`;
    if (seen.has(name)) throw new PlanError("candidates", `${name} is there twice`, `give a count: ${name}:2`);
    seen.add(name);
    if (operator !== undefined) checkOperator(operator);
    if (Number.isInteger(count) && count >= 1 && count <= MAX_SIGNERS) continue;
    throw new PlanError("candidates", `${name} has count ${count}`, `a whole number from 1 to ${MAX_SIGNERS}`);
  }
  const room = candidates.reduce((sum, { count }) => sum + count, 0);
  if (room < maxSigners) {
    const hint = "name more of them, or give a count, such as frankfurt:2";
    throw new PlanError("candidates", `room for ${room} signers where ${maxSigners} are to be placed`, hint);
  }
  const count = countPlacements(candidates, maxSigners);
  if (count <= MAX_PLACEMENTS) return count;
  const problem = `${count} placements of ${maxSigners} signers are possible, at most ${MAX_PLACEMENTS} are looked at`;
  throw new PlanError("candidates", problem, "name fewer candidates: leave out those that are far from the users");
}

/** Operators are words; none is called like a signer, since one without a name is called like its signer. */
function checkOperator(operator: string): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(operator)) {
    const hint = "letters, digits, dots, dashes, at most 64, such as virginia@aws";
    throw new PlanError("candidates", `${JSON.stringify(operator)} is no name of an operator`, hint);
  }
  if (!isRegion(operator.replace(/-\d+$/, "")) && !isRegion(operator)) return;
  const problem = `the operator ${operator} is called like a region`;
  throw new PlanError(
    "candidates",
    problem,
    "use another name: an operator that is not named is called like its signer",
  );
}

function isRegion(name: string): boolean {
  try {
    findRegion(name);
    return true;
  } catch {
    return false;
  }
}

function checkRegion(field: keyof PlanQuestion, region: string): void {
  try {
    findRegion(region);
  } catch (error) {
    if (!(error instanceof UnknownRegionError)) throw error;
    const [problem, hint] = error.message.split("; ");
    throw new PlanError(field, problem!, hint!);
  }
}

function checkWhole(field: keyof PlanQuestion, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new PlanError(field, `${value} does not fit`, `a whole number from ${least} to ${most}`);
}
