import { findRegion } from "../places.ts";
import { type Candidate, DOMAINS, type Domain, type Placement, placements, type Seat, seatsOf } from "./candidate.ts";
import { floorOf, nearest } from "./completion.ts";
import { mostHeld, type SmallestSets, smallestSets } from "./holders.ts";
import { LatencyModel, type UserGroup } from "./latency-model.ts";
import { type Loss, losses } from "./losses.ts";
import { checkQuestion, PlanError, type PlanQuestion } from "./question.ts";
import { type Ranked, rank } from "./ranking.ts";
import type { Quantiles } from "./samples.ts";
import { type Warning, warnings } from "./warnings.ts";

/** A placement and what is to be known of it. */
export interface Planned {
  readonly seats: readonly Seat[];
  /** Region of the coordinator. */
  readonly coordinator: string;
  /** Names of the signers that sign while all are well, nearest first. */
  readonly quorum: readonly string[];
  /** From the coordinator to its quorum and back, with every delay at its median. Milliseconds. */
  readonly floorMs: number;
  /** As users see it, averaged over them by weight. */
  readonly signature: Quantiles;
  readonly users: readonly (UserGroup & Quantiles)[];
  readonly losses: readonly Loss[];
  /** Who can keep the others from signing: n-t+1 signers. */
  readonly block: Readonly<Record<Domain, SmallestSets>>;
  /** Who can sign without anybody: t signers. */
  readonly collude: Readonly<Record<Domain, SmallestSets>>;
  readonly warnings: readonly Warning[];
}

export interface Plan {
  /** How many placements there are. */
  readonly possible: number;
  /** How many of them survive what they are to survive. */
  readonly surviving: number;
  /** The best of those, best first. */
  readonly placements: readonly Planned[];
}

/**
 * Places signers: of all placements that survive the losses they are to survive, the fastest for the users, and what is to be known of
 * each. The same question has the same answer at every call.
 *
 * @throws PlanError naming the field, with the way out
 */
export function plan(asked: PlanQuestion): Plan {
  const possible = checkQuestion(asked);
  const question = named(asked);
  const all = [...placements(question.candidates, question.maxSigners)];
  const surviving = all.filter((placement) => survives(seatsOf(question.candidates, placement), question));
  if (surviving.length === 0) refuseSurvival(all, question);
  const model = new LatencyModel(question);
  const ranked = rank(surviving, question, model);
  return {
    possible,
    surviving: surviving.length,
    placements: ranked.map((one) => described(one, question, model)),
  };
}

/** Whether enough signers are left after each loss that is to be survived. */
function survives(seats: readonly Seat[], { survive, minSigners }: Pick<PlanQuestion, "survive" | "minSigners">) {
  return DOMAINS.every((domain) => seats.length - mostHeld(seats, domain, survive[domain] ?? 0) >= minSigners);
}

function refuseSurvival(all: readonly Placement[], question: PlanQuestion): never {
  const { candidates, maxSigners, minSigners, survive } = question;
  const counts = DOMAINS.filter((domain) => survive[domain] !== undefined).map((domain) => {
    const alone = { survive: { [domain]: survive[domain] }, minSigners };
    const count = all.filter((placement) => survives(seatsOf(candidates, placement), alone)).length;
    return `${domain}=${survive[domain]} alone is survived by ${count}`;
  });
  const problem = `none of the ${all.length} placements keeps ${minSigners} of ${maxSigners} signers: ${counts.join(", ")}`;
  throw new PlanError("survive", problem, "candidates in other places, more signers, or fewer that must sign");
}

function described(one: Ranked, question: PlanQuestion, model: LatencyModel): Planned {
  const { seats, coordinator, signature } = one;
  const { minSigners, maxSigners, form } = question;
  const sites = { coordinator, signers: seats.map(({ region }) => region), minSigners };
  const byDomain = (needed: number) => ({
    region: smallestSets(seats, "region", needed),
    operator: smallestSets(seats, "operator", needed),
    country: smallestSets(seats, "country", needed),
  });
  return {
    seats,
    coordinator,
    quorum: nearest(sites).map((at) => seats[at]!.name),
    floorMs: floorOf(sites, form),
    signature,
    users: model.byGroup(sites),
    losses: losses({ seats, minSigners, coordinator }, model),
    block: byDomain(maxSigners - minSigners + 1),
    collude: byDomain(minSigners),
    warnings: warnings(seats, minSigners),
  };
}

/** The same question with regions by name, whatever they were called. */
function named(question: PlanQuestion): PlanQuestion {
  const name = (region: string) => findRegion(region).name;
  const { coordinator } = question;
  return {
    ...question,
    candidates: question.candidates.map((one): Candidate => ({ ...one, region: name(one.region) })),
    users: question.users.map((one) => ({ ...one, region: name(one.region) })),
    ...(coordinator === undefined ? {} : { coordinator: name(coordinator) }),
  };
}
