import {
  type Candidate,
  DEFAULT_JITTER,
  DEFAULT_USER_TRIPS,
  DOMAINS,
  type Domain,
  MAX_TOP,
  MAX_USER_TRIPS,
  type PlanError,
  type PlanQuestion,
  PRESETS,
  REGIONS,
  type Scheme,
  type UserGroup,
} from "@quorate/regions";
import { refuseArgument } from "./exit.ts";
import { number } from "./process/settings.ts";

/** The options of `quorate plan`. */
export interface PlanOptions {
  readonly candidates: string;
  readonly n: string;
  readonly minSigners?: string;
  readonly users?: string;
  readonly survive?: string;
  readonly coordinator?: string;
  readonly scheme: Scheme;
  readonly interactive?: boolean;
  readonly by: "p50" | "p99";
  readonly top: string;
  readonly jitter: string;
  readonly userTrips: string;
}

/** What the options are unless they are given. */
export const DEFAULTS = {
  n: "5",
  scheme: "EdDSA",
  by: "p50",
  top: "5",
  jitter: String(DEFAULT_JITTER),
  userTrips: String(DEFAULT_USER_TRIPS),
} as const;

/** @throws CliError naming the option that cannot be read */
export function questionOf(options: PlanOptions): PlanQuestion {
  const { coordinator, by, scheme } = options;
  const maxSigners = number("--n", options.n, 2, 15);
  const { minSigners = String(Math.floor(maxSigners / 2) + 1) } = options;
  return {
    candidates: candidatesOf(options.candidates),
    maxSigners,
    minSigners: number("--min-signers", minSigners, 2, maxSigners),
    users: options.users === undefined ? [] : usersOf(options.users),
    survive: options.survive === undefined ? {} : survivalOf(options.survive),
    ...(coordinator === undefined ? {} : { coordinator }),
    form: { scheme, interactive: options.interactive === true },
    rankBy: by,
    top: number("--top", options.top, 1, MAX_TOP),
    jitter: number("--jitter", options.jitter, 0, 10),
    userTrips: number("--user-trips", options.userTrips, 1, MAX_USER_TRIPS),
  };
}

const OPTIONS: Readonly<Partial<Record<keyof PlanQuestion, string>>> = {
  maxSigners: "--n",
  minSigners: "--min-signers",
  userTrips: "--user-trips",
};

/** Says which option is to be changed. @throws CliError */
export function refuseQuestion({ field, message, hint }: PlanError): never {
  refuseArgument(OPTIONS[field] ?? `--${field}`, message, hint);
}

function items(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim());
}

/** Regions with or without operators and counts, presets, or `all`. */
function candidatesOf(text: string): readonly Candidate[] {
  return items(text).flatMap((item) => {
    if (item === "all") return REGIONS.map(({ name: region }) => ({ region, count: 1 }));
    if (Object.hasOwn(PRESETS, item)) {
      return PRESETS[item as keyof typeof PRESETS].map((region) => ({ region, count: 1 }));
    }
    const read = /^(?<region>[^@:]+)(?:@(?<operator>[^@:]+))?(?::(?<count>\d+))?$/.exec(item)?.groups;
    if (read === undefined) {
      const hint = "region, region@operator or region@operator:count with commas between; a preset; or all";
      refuseArgument("--candidates", `${JSON.stringify(item)} cannot be read`, hint);
    }
    const { region = "", operator, count = "1" } = read;
    return [{ region, ...(operator === undefined ? {} : { operator }), count: Number(count) }];
  });
}

function usersOf(text: string): readonly UserGroup[] {
  return items(text).map((item) => {
    const [region = "", weight = "1", ...more] = item.split(":");
    if (more.length > 0 || region === "" || weight.trim() === "") {
      const hint = "region:weight, such as virginia:60,london:40";
      refuseArgument("--users", `${JSON.stringify(item)} cannot be read`, hint);
    }
    return { region, weight: Number(weight) };
  });
}

function survivalOf(text: string): Readonly<Partial<Record<Domain, number>>> {
  const survive: Partial<Record<Domain, number>> = {};
  for (const item of items(text)) {
    const [domain = "", count = "", ...more] = item.split("=");
    const known = DOMAINS.find((one) => one === domain);
    if (known === undefined || !/^\d+$/.test(count) || more.length > 0) {
      const hint = `how many of ${DOMAINS.join(", ")} may be lost, such as region=1,operator=1`;
      refuseArgument("--survive", `${JSON.stringify(item)} cannot be read`, hint);
    }
    if (survive[known] !== undefined) refuseArgument("--survive", `${known} is there twice`, "give it once");
    survive[known] = Number(count);
  }
  return survive;
}
