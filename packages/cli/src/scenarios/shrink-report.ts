import { CliError, EXIT } from "../exit.ts";
import type { Output } from "../output.ts";
import { failureOf } from "./failure.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { shrink } from "./shrinking.ts";
import { written } from "./written.ts";

/**
 * Looks for the smallest scenario that fails as that one does, and prints it.
 *
 * @returns it, as a file
 * @throws CliError for one that does not fail
 */
export function shrunk(output: Output, file: ScenarioFile, runs = 300): string {
  const failure = failureOf(file);
  if (failure === undefined) throw new CliError(EXIT.usage, "the scenario does not fail", "give one that does");
  let tried = 0;
  const small = shrink(
    file,
    (candidate) => {
      output.progress(`${++tried} tried: ${sizeOf(candidate)}`);
      return failureOf(candidate) === failure;
    },
    runs,
  );
  const text = written(small);
  output.document({ failure, tried, from: sizeOf(file), to: sizeOf(small), scenario: text });
  output.line(`# fails: ${failure}`);
  output.line(`# ${tried} tried; from ${sizeOf(file)} to ${sizeOf(small)}`);
  output.line(text.trimEnd());
  return text;
}

function sizeOf({ scenario: { timeline, workload, network } }: ScenarioFile): string {
  return `${timeline.length} faults, ${workload.requests} requests, ${network.regions.length} signers`;
}
