import {
  changeQuorum,
  DOMAINS,
  type Domain,
  formText,
  type Loss,
  type Plan,
  type Planned,
  type PlanQuestion,
  type Quantiles,
  type Seat,
  type SmallestSets,
  type Warning,
} from "@quorate/regions";
import { duration, type Output, table } from "./output.ts";

/** Sets of that many are named; of more, how many there are. */
const NAMED_SETS = 3;
const PLURALS: Readonly<Record<Domain, string>> = { region: "regions", operator: "operators", country: "countries" };

/** Shows a plan to a person. */
export function showPlan(output: Output, question: PlanQuestion, plan: Plan): void {
  const { maxSigners, minSigners } = question;
  for (const line of preamble(question, plan)) output.line(line);
  for (const [at, placement] of plan.placements.entries()) {
    output.line();
    output.line(output.style("bold", `${at + 1}. ${placement.seats.map(seatText).join(", ")}`));
    for (const line of table(timeRows(placement))) output.line(line);
    for (const line of table(holderRows(placement, question))) output.line(line);
    for (const warning of placement.warnings) {
      output.line(`  ${output.style("yellow", `warning: ${warningText(warning, placement.seats)}`)}`);
    }
  }
  output.line();
  output.line(
    `New keys take all ${maxSigners} signers; changes of who may do what, ${changeQuorum(maxSigners, minSigners)}.`,
  );
}

function preamble(question: PlanQuestion, { possible, surviving, placements }: Plan): readonly string[] {
  const { maxSigners, minSigners, users, userTrips, form, survive, rankBy, jitter } = question;
  const losses = DOMAINS.filter((domain) => survive[domain] !== undefined).map((one) => `${one}=${survive[one]}`);
  const kept = losses.length === 0 ? "" : `, of which ${surviving} survive ${losses.join(", ")}`;
  const best = placements.length === 1 ? "the best" : `the best ${placements.length}`;
  const total = users.reduce((sum, { weight }) => sum + weight, 0);
  const parts = users.map(({ region, weight }) => `${region} ${Math.round((100 * weight) / total)} %`);
  const from = users.length === 0 ? "as seen by the coordinator" : `for users in ${parts.join(", ")}`;
  const trips =
    users.length === 0 ? "" : `, ${userTrips} round trip${userTrips === 1 ? "" : "s"} between user and coordinator`;
  return [
    `${minSigners} of ${maxSigners} signers: ${possible} placement${possible === 1 ? "" : "s"}${kept}; ${best} by ${rankBy}`,
    `${form.scheme} signatures ${from}: ${formText(form)}${trips}`,
    `delays with p99/p50 ${jitter === 0 ? 1 : jitter}, computing for nothing`,
  ];
}

/** How long a signature takes while all are well, and after each loss. */
function timeRows(placement: Planned): readonly (readonly string[])[] {
  const { coordinator, quorum, floorMs, users } = placement;
  const course = `coordinator in ${coordinator}, signed by ${quorum.join(", ")}; network floor ${duration(floorMs)}`;
  return [
    ["signature", timeText(placement.signature), course],
    ...(users.length < 2 ? [] : users.map((group) => [`  from ${group.region}`, timeText(group)])),
    ...lossRows(placement),
  ];
}

function holderRows({ block, collude }: Planned, question: PlanQuestion): readonly (readonly string[])[] {
  const { maxSigners, minSigners } = question;
  const blocking = maxSigners - minSigners + 1;
  if (blocking === minSigners) return setsRows(`to block or collude (${minSigners})`, collude);
  return [...setsRows(`to block (${blocking})`, block), ...setsRows(`to collude (${minSigners})`, collude)];
}

function setsRows(title: string, sets: Planned["block"]): readonly (readonly string[])[] {
  return DOMAINS.map((domain, at) => [at === 0 ? title : "", setsText(sets[domain], domain)]);
}

/** One row for all losses that come to the same. */
function lossRows({ losses, seats, coordinator }: Planned): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly labels: string[]; readonly loss: Loss }>();
  for (const loss of losses) {
    const key = JSON.stringify([loss.lost, loss.coordinator]);
    const row = rows.get(key);
    // An operator that has no name of its own is that of one signer.
    const isNamed = loss.domain !== "operator" || !seats.some((seat) => seat.name === loss.name);
    if (row === undefined) rows.set(key, { labels: [lossText(loss, isNamed)], loss });
    else if (isNamed) row.labels.push(lossText(loss, isNamed));
  }
  return [...rows.values()].map(({ labels, loss }) => {
    const { signature, left, changes } = loss;
    const moved =
      loss.coordinator === null || loss.coordinator === coordinator ? "" : `coordinator in ${loss.coordinator}`;
    const notes = [moved, changes ? "" : "changes wait"].filter((note) => note !== "");
    const time = signature === null ? `signing stops: ${left} left` : timeText(signature);
    return [`  without ${labels.join(" or ")}`, time, notes.join(", ")];
  });
}

function lossText({ domain, name }: Loss, isNamed: boolean): string {
  return isNamed ? `${domain} ${name}` : `the operator of ${name}`;
}

function setsText({ size, total, sets, any }: SmallestSets, domain: Domain): string {
  const noun = size === 1 ? domain : PLURALS[domain];
  if (any && total > 1) return `any ${size} ${noun}`;
  const named = sets.slice(0, NAMED_SETS).map((set) => set.join(" + "));
  const more = total > NAMED_SETS ? ` or ${total - NAMED_SETS} other sets` : "";
  return `${size} ${noun}: ${named.join(", or ")}${more}`;
}

/** What a warning means. */
export function warningText(
  { domain, name, signers, signsAlone, blocksAlone }: Warning,
  seats: readonly Seat[],
): string {
  const powers = [...(signsAlone ? ["sign"] : []), ...(blocksAlone ? ["keep the others from signing"] : [])];
  return `${domain} ${name} holds ${signers} of ${seats.length} signers: it alone can ${powers.join(", and ")}`;
}

function seatText({ name, operator }: Seat): string {
  return operator === name ? name : `${name}@${operator}`;
}

function timeText({ p50, p99 }: Quantiles): string {
  return `p50 ${duration(p50)}, p99 ${duration(p99)}`;
}
