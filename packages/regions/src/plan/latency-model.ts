import { roundTripMs } from "../latency.ts";
import { completionMs, delaysOf, MEDIANS, nearest, type Sites } from "./completion.ts";
import { exchangesOf, type Form } from "./form.ts";
import { type Quantiles, quantilesOf, Samples } from "./samples.ts";

/** Users in a region, and how many signatures they ask for in comparison with the others. */
export interface UserGroup {
  readonly region: string;
  /** Above 0. */
  readonly weight: number;
}

/** What decides the time of a signature beside the places of the signers. */
export interface Workload {
  readonly form: Form;
  /** Empty: whoever asks is beside the coordinator, and the way to it is not counted. */
  readonly users: readonly UserGroup[];
  /** Round trips between user and coordinator for one signature. */
  readonly userTrips: number;
  /** p99 over p50 of a one-way delay; 0 for none. */
  readonly jitter: number;
}

/** As the SDK does it: a challenge is asked for, its signature is exchanged for a token, and the request is sent with that. */
export const DEFAULT_USER_TRIPS = 3;

/** Sums in another order may differ in their last digits. */
const ROUNDING = 1 - 1e-9;

/** Times of signatures with a quorum in given regions, each computed once. */
export class LatencyModel {
  readonly #workload: Workload;
  readonly #exchanges: number;
  readonly #samples: Samples;
  readonly #userFactors: Float64Array;
  /** Each group with its part of all signatures. */
  readonly #groups: readonly (UserGroup & { readonly part: number })[];
  readonly #known = new Map<string, Quantiles>();
  readonly #floors = new Map<string, number>();

  constructor(workload: Workload) {
    this.#workload = workload;
    this.#exchanges = exchangesOf(workload.form);
    this.#samples = new Samples(workload.jitter);
    const total = workload.users.reduce((sum, { weight }) => sum + weight, 0);
    this.#groups = workload.users.map((group) => ({ ...group, part: group.weight / total }));
    // The first columns are the users'; those of the signers follow.
    const columns = Array.from({ length: 2 * workload.userTrips }, (_, at) => this.#samples.column(at));
    this.#userFactors = Float64Array.from({ length: this.#samples.count }, (_, draw) => {
      return columns.reduce((sum, column) => sum + column[draw]!, 0) / 2;
    });
  }

  /** The time that no quantile of `of` is below, without drawing anything: every delay at its least. */
  leastMs(sites: Sites): number {
    const { users, userTrips } = this.#workload;
    const way = (region: string) => userTrips * roundTripMs(region, sites.coordinator);
    const ways = users.length === 0 ? 0 : this.#average(({ region }) => way(region));
    return ROUNDING * this.#samples.least * (ways + this.#floorMs(sites));
  }

  /** p50 and p99 of a signature, those of the user groups averaged by weight. */
  of(sites: Sites): Quantiles {
    const set = setOf(sites);
    const key = keyOf(sites.coordinator, set);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const quorum = this.#quorumTimes(sites, set);
    const computed = this.#groups.length === 0 ? quantilesOf(quorum) : this.#averaged(sites.coordinator, quorum);
    this.#known.set(key, computed);
    return computed;
  }

  /** The same for each group of users. */
  byGroup(sites: Sites): readonly (UserGroup & Quantiles)[] {
    const quorum = this.#quorumTimes(sites, setOf(sites));
    return this.#workload.users.map((group) => ({ ...group, ...this.#forUsers(group, sites.coordinator, quorum) }));
  }

  #averaged(coordinator: string, quorum: Float64Array): Quantiles {
    const groups = this.#groups.map((group) => ({ ...this.#forUsers(group, coordinator, quorum), part: group.part }));
    const average = (quantile: keyof Quantiles) => groups.reduce((sum, one) => sum + one.part * one[quantile], 0);
    return { p50: average("p50"), p99: average("p99") };
  }

  #average(of: (group: UserGroup) => number): number {
    return this.#groups.reduce((sum, group) => sum + group.part * of(group), 0);
  }

  #forUsers({ region }: UserGroup, coordinator: string, quorum: Float64Array): Quantiles {
    const trip = roundTripMs(region, coordinator);
    const times = quorum.slice();
    for (let draw = 0; draw < times.length; draw++) times[draw]! += trip * this.#userFactors[draw]!;
    return quantilesOf(times);
  }

  #quorumTimes({ coordinator }: Sites, set: readonly string[]): Float64Array {
    return completionMs(delaysOf(coordinator, set), this.#exchanges, this.#samples, 2 * this.#workload.userTrips);
  }

  #floorMs(sites: Sites): number {
    const set = setOf(sites);
    const { coordinator } = sites;
    if (this.#exchanges === 0) return roundTripMs(coordinator, set.at(-1)!); // as below, without the matrix
    const key = keyOf(coordinator, set);
    const known = this.#floors.get(key);
    if (known !== undefined) return known;
    const computed = completionMs(delaysOf(coordinator, set), this.#exchanges, MEDIANS)[0]!;
    this.#floors.set(key, computed);
    return computed;
  }
}

/** Regions of the set that signs, nearest first. */
function setOf(sites: Sites): readonly string[] {
  return nearest(sites).map((at) => sites.signers[at]!);
}

function keyOf(coordinator: string, set: readonly string[]): string {
  return `${coordinator} ${set.join(" ")}`;
}
