import { execFile } from "node:child_process";
import { CliError, EXIT, systemCode } from "../exit.ts";

/** More than anything that is asked of it says, bytes. */
const MAX_OUTPUT_BYTES = 1 << 20;

/** Runs the `docker` command. @returns what it prints @throws CliError with what it says, and the way out where that is known */
export function docker(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("docker", args, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else if (systemCode(error) === "ENOENT") reject(failed("there is no docker command here", "install Docker"));
      else reject(failed(`docker ${args[0]}: ${stderr.trim() || error.message}`, hintFor(stderr)));
    });
  });
}

function failed(message: string, hint: string | undefined): CliError {
  return new CliError(EXIT.environment, message, hint);
}

function hintFor(stderr: string): string | undefined {
  if (/cannot connect to the docker daemon/i.test(stderr))
    return "start Docker, or set DOCKER_HOST to where it listens";
  if (/is paused/.test(stderr)) return "quorate fault clear pause --containers has it go on";
  return /permission denied/i.test(stderr) ? "join the group docker, or become root" : undefined;
}
