import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { CliError, EXIT } from "../exit.ts";

/** Writes a file that only its owner can read, and never over another. @throws CliError */
export function writeSecret(path: string, text: string): void {
  if (existsSync(path))
    throw new CliError(EXIT.environment, `${path} exists: it is not overwritten`, "use another --dir");
  writeFileSync(path, `${text.trimEnd()}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(path, 0o600);
}

/** Reads a file that only its owner can read. @param what it is, for errors @throws CliError */
export function readSecret(path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new CliError(EXIT.environment, `${what}: ${(error as Error).message}`, "check the path and its permissions");
  }
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return text;
  const open = (mode & 0o777).toString(8);
  throw new CliError(EXIT.environment, `${path} can be read by others (mode ${open})`, `chmod 600 ${path}`);
}
