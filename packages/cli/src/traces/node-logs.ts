import { existsSync, readFileSync } from "node:fs";
import { everyoneOf, type NetworkFile } from "@quorate/orders";
import type { TraceLine } from "@quorate/simulator";
import type { State } from "../state.ts";

/** What the processes of a network logged, as lines of a trace: `at` is milliseconds since 1970. In order of time. */
export function linesOfLogs(state: State, network: NetworkFile): readonly TraceLine[] {
  const lines = everyoneOf(network).flatMap(({ name }) => {
    const path = state.logPath(name);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    return text.split("\n").flatMap((line) => lineOfLog(line, name) ?? []);
  });
  return lines.toSorted((a, b) => a.at - b.at).map((line, seq) => ({ ...line, seq }));
}

/** A line of a log in the form of a trace. @returns `undefined` for what is no event */
export function lineOfLog(text: string, node: string): TraceLine | undefined {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { time, level: _, pid: __, hostname: ___, node: ____, ...event } = entry;
  const at = typeof time === "number" ? time : Date.parse(String(time));
  if (typeof event.type !== "string" || Number.isNaN(at)) return undefined;
  return { ...(event as { type: string }), at, seq: 0, node };
}
