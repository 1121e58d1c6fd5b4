import { readFileSync, writeFileSync } from "node:fs";
import { CliError, EXIT, refuseArgument, systemCode } from "./exit.ts";

/** How bytes stand in a file: what is written back has the form of what was read. */
export type Form = "binary" | "hex" | "base64";

export interface FormedBytes {
  readonly bytes: Uint8Array;
  readonly form: Form;
}

/** Nothing that a network signs is longer, whatever its form. */
const MAX_FILE_BYTES = 1 << 20;

/** @param argument named if the file cannot be read */
export function readBytes(argument: string, path: string): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") refuseArgument(argument, `there is no file ${path}`, "check the path");
    if (code === "EISDIR") refuseArgument(argument, `${path} is a directory`, "name a file in it");
    throw error;
  }
  if (bytes.length > MAX_FILE_BYTES) {
    refuseArgument(argument, `${path} has ${bytes.length} bytes, at most ${MAX_FILE_BYTES} are read`, "sign its hash");
  }
  return new Uint8Array(bytes);
}

/** Reads a transaction or PSBT that stands in the file as it is, in hex, or in base64. White space around text does not matter. */
export function readFormed(argument: string, path: string): FormedBytes {
  const read = unform(readBytes(argument, path));
  if (read.bytes.length === 0) refuseArgument(argument, `${path} is empty`, "write the bytes, hex or base64 into it");
  return read;
}

/** Tells hex and base64 from raw bytes. What is both (hex digits alone) is hex. */
export function unform(content: Uint8Array): FormedBytes {
  const text = Buffer.from(content).toString("latin1").replace(/\s+/g, "");
  if (/^(0x)?([0-9a-f]{2})*$/i.test(text)) {
    return { form: "hex", bytes: new Uint8Array(Buffer.from(text.replace(/^0x/i, ""), "hex")) };
  }
  const bytes = Buffer.from(text, "base64");
  const isBase64 = /^[0-9a-z+/]+=*$/i.test(text) && bytes.toString("base64") === text;
  return isBase64 ? { form: "base64", bytes: new Uint8Array(bytes) } : { form: "binary", bytes: content };
}

/** The content of a file in that form: text ends with a newline. */
export function formed({ bytes, form }: FormedBytes): Uint8Array {
  return form === "binary" ? bytes : Buffer.from(`${Buffer.from(bytes).toString(form)}\n`);
}

/** @throws CliError with exit code 5: the path was good enough to be given, and cannot be written */
export function writeOut(argument: string, path: string, content: Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    const problem = `${argument}: ${path} cannot be written (${systemCode(error) ?? String(error)})`;
    throw new CliError(EXIT.environment, problem, "name a path that you can write, and sign again", { argument });
  }
}
