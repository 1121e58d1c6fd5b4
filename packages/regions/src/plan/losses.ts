import { findRegion } from "../places.ts";
import { DOMAINS, type Domain, type Seat } from "./candidate.ts";
import type { LatencyModel } from "./latency-model.ts";
import type { Quantiles } from "./samples.ts";

/** A placement with its coordinator. */
export interface Network {
  readonly seats: readonly Seat[];
  readonly minSigners: number;
  /** Region. */
  readonly coordinator: string;
}

/** What the loss of one region, operator or country leaves. */
export interface Loss {
  readonly domain: Domain;
  readonly name: string;
  /** Names of the signers that are lost. */
  readonly lost: readonly string[];
  readonly left: number;
  /** Enough signers are left to sign. */
  readonly signs: boolean;
  /** Enough are left to commit changes of who may do what: ceil((n+t)/2) must countersign them. */
  readonly changes: boolean;
  /** Where the coordinator is then: elsewhere if it was lost too. `null` when nothing signs. */
  readonly coordinator: string | null;
  /** Of a signature then; `null` when nothing signs. */
  readonly signature: Quantiles | null;
}

/** How many signers must countersign a change of who may do what. */
export function changeQuorum(maxSigners: number, minSigners: number): number {
  return Math.ceil((maxSigners + minSigners) / 2);
}

/**
 * What each single loss does, regions first. A coordinator is lost with its region and its country, and another is started in the
 * best region that is left; which operator runs it is not asked.
 */
export function losses(network: Network, model: LatencyModel): readonly Loss[] {
  const { seats, coordinator } = network;
  const home = { region: coordinator, operator: undefined, country: findRegion(coordinator).country };
  return DOMAINS.flatMap((domain) => {
    const names = new Set(seats.map((seat) => seat[domain]));
    if (home[domain] !== undefined) names.add(home[domain]);
    return [...names].map((name) => lossOf(network, model, { domain, name, withCoordinator: home[domain] === name }));
  });
}

interface Event {
  readonly domain: Domain;
  readonly name: string;
  readonly withCoordinator: boolean;
}

function lossOf({ seats, minSigners, coordinator }: Network, model: LatencyModel, event: Event): Loss {
  const { domain, name, withCoordinator } = event;
  const left = seats.filter((seat) => seat[domain] !== name);
  const signers = left.map(({ region }) => region);
  const common = {
    domain,
    name,
    lost: seats.filter((seat) => seat[domain] === name).map((seat) => seat.name),
    left: left.length,
    changes: left.length >= changeQuorum(seats.length, minSigners),
  };
  if (left.length < minSigners) return { ...common, signs: false, coordinator: null, signature: null };
  const homes = withCoordinator ? [...new Set(signers)] : [coordinator];
  const [best] = homes
    .map((home) => ({ home, signature: model.of({ coordinator: home, signers, minSigners }) }))
    .sort((a, b) => a.signature.p50 - b.signature.p50 || a.signature.p99 - b.signature.p99);
  return { ...common, signs: true, coordinator: best!.home, signature: best!.signature };
}

/** The longest of the floors after a single loss of a region: what tells apart placements that are equally fast while all are well. */
export function worstLeastMs({ seats, minSigners, coordinator }: Network, model: LatencyModel): number {
  let worst = 0;
  for (const region of new Set(seats.map((seat) => seat.region))) {
    const signers = seats.filter((seat) => seat.region !== region).map((seat) => seat.region);
    if (signers.length < minSigners) return Number.POSITIVE_INFINITY;
    const homes = region === coordinator ? [...new Set(signers)] : [coordinator];
    const least = homes.map((home) => model.leastMs({ coordinator: home, signers, minSigners }));
    worst = Math.max(worst, Math.min(...least));
  }
  return worst;
}
