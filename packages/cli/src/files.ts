import { readFileSync, writeFileSync } from "node:fs";
import { CliError, EXIT, refuseArgument, systemCode } from "./exit.ts";

/** How bytes stand in a file: what is written back has the form of what was read. `prefixed` is hex behind 0x. */
export type Form = "binary" | "hex" | "base64" | "prefixed";

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

/** Reads a file that holds JSON. */
export function readJson(argument: string, path: string): { readonly bytes: Uint8Array; readonly json: unknown } {
  const bytes = readBytes(argument, path);
  try {
    return { bytes, json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return refuseArgument(argument, `${path} is no JSON: ${problem}`, "see --help for what belongs there");
  }
}

/** Reads a file that holds a JSON object, or bytes in any form. */
export function readJsonOrBytes(
  argument: string,
  path: string,
): { readonly json: unknown } | { readonly bytes: Uint8Array } {
  const [first] = Buffer.from(readBytes(argument, path)).toString("latin1").trimStart();
  return first === "{" ? readJson(argument, path) : readFormed(argument, path);
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
  if (form === "binary") return bytes;
  const text = form === "prefixed" ? `0x${Buffer.from(bytes).toString("hex")}` : Buffer.from(bytes).toString(form);
  return Buffer.from(`${text}\n`);
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
