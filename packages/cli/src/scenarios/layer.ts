import { FAULTS, faultText, type Layer } from "@quorate/faults";
import type { Scenario, Timed } from "@quorate/simulator";
import { type Finding, skipped } from "./expectation.ts";

/** The timeline without what a layer cannot do, and a finding for each of those. */
export function possibleOn(
  layer: Layer,
  scenario: Pick<Scenario, "timeline" | "halts">,
): { readonly possible: readonly Timed[]; readonly skips: readonly Finding[] } {
  const { timeline } = scenario;
  const possible = timeline.filter((one) => isPossible(layer, one));
  const halts = layer === "simulator" ? [] : (scenario.halts ?? []);
  const beyond = timeline.filter((one) => !possible.includes(one));
  return {
    possible,
    skips: [
      ...beyond.map(({ fault }) => skipped(faultText(fault), reason(layer, fault.kind))),
      ...halts.map(({ operator }) => skipped(`halt of ${operator}`, `${layer} leaves that to quorate halt`)),
    ],
  };
}

function isPossible(layer: Layer, { fault, on }: Timed): boolean {
  // A second process with one identity and one disk has no machine in virtual time.
  if (layer === "simulator" && fault.kind === "clone") return false;
  return FAULTS[fault.kind].layers.includes(layer) && (on === undefined || layer === "simulator");
}

function reason(layer: Layer, kind: keyof typeof FAULTS): string {
  const layers = FAULTS[kind].layers.filter((one) => one !== layer);
  return `${layer} cannot do it; try --layer ${layers.join(" or ")}`;
}
