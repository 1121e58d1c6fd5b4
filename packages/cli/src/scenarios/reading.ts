import { readBytes } from "../files.ts";
import { parseScenario, type ScenarioFile } from "./scenario-file.ts";

/** Reads the scenario in a file. @throws CliError, InputError naming the path in the file */
export function readScenario(path: string): ScenarioFile {
  return parseScenario(new TextDecoder().decode(readBytes("<file>", path)));
}
