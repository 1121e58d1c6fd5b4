import { bytesToInteger, type Group, type GroupName, integerToBytes, type Point, uncompressed } from "@quorate/curves";
import { TransferError } from "./envelope.ts";

/** What a signer gives away of a key: its share, and where on the polynomial that lies. */
export interface ExportedShare {
  /** The x coordinate, the participant's identifier. */
  readonly index: number;
  readonly share: bigint;
}

/** What a signer gets of a key that comes from elsewhere. */
export interface ImportedShare {
  readonly share: bigint;
  /** What all signers get, each times G, in the order of their ranks. */
  readonly publicShares: readonly Point[];
}

/** The curves as the format names them. */
const CURVE_NAMES: Readonly<Record<GroupName, string>> = {
  ed25519: "ed25519",
  secp256k1: "secp256k1",
  p256: "secp256r1",
};
/** No quorum is larger. */
const MAX_SHARES = 255;

/** The JSON that is sealed for an export, as UTF-8. Scalars are big-endian on every curve. */
export function encodeExport(group: Group, { index, share }: ExportedShare): Uint8Array {
  const text = JSON.stringify({
    version: 1,
    index: scalarJson(group, BigInt(index)),
    secret_share: scalarJson(group, share),
  });
  return new TextEncoder().encode(text);
}

/** @throws TransferError */
export function decodeExport(group: Group, plaintext: Uint8Array): ExportedShare {
  const { index, secret_share } = parse(plaintext, ["version", "index", "secret_share"]);
  const at = scalarOf(group, "index", index);
  if (at < 1n || at > BigInt(MAX_SHARES)) throw new TransferError("index: is not a participant's");
  return { index: Number(at), share: scalarOf(group, "secret_share", secret_share) };
}

/** The JSON that is sealed for an import, as UTF-8: what a client makes, and our own tests. */
export function encodeImport(group: Group, { share, publicShares }: ImportedShare): Uint8Array {
  const text = JSON.stringify({
    version: 1,
    secret_share: scalarJson(group, share),
    public_shares: publicShares.map((one) => ({ curve: CURVE_NAMES[group.name], point: hex(pointBytes(group, one)) })),
  });
  return new TextEncoder().encode(text);
}

/** @throws TransferError */
export function decodeImport(group: Group, plaintext: Uint8Array): ImportedShare {
  const { secret_share, public_shares } = parse(plaintext, ["version", "secret_share", "public_shares"]);
  if (!Array.isArray(public_shares) || public_shares.length > MAX_SHARES)
    throw new TransferError("public_shares: is not a list");
  const publicShares = public_shares.map((one, at) => pointOf(group, `public_shares.${at}`, one));
  return { share: scalarOf(group, "secret_share", secret_share), publicShares };
}

function parse(plaintext: Uint8Array, members: readonly string[]): Readonly<Record<string, unknown>> {
  const value = recordOf("the share", json(plaintext));
  if (value.version !== 1) throw new TransferError("version: is not 1");
  const stranger = Object.keys(value).find((name) => !members.includes(name));
  if (stranger !== undefined) throw new TransferError("the share has members that are not known");
  return value;
}

/** Errors of the parser would quote the secret. */
function json(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plaintext));
  } catch {
    throw new TransferError("the share is not JSON");
  }
}

function recordOf(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new TransferError(`${name}: is not an object`);
}

function member(group: Group, name: string, value: unknown, what: string): string {
  const { curve, [what]: text } = recordOf(name, value);
  if (curve !== CURVE_NAMES[group.name]) throw new TransferError(`${name}: is not of curve ${CURVE_NAMES[group.name]}`);
  if (typeof text !== "string") throw new TransferError(`${name}: has no ${what}`);
  return text;
}

function scalarJson(group: Group, value: bigint) {
  return { curve: CURVE_NAMES[group.name], scalar: hex(integerToBytes(value, 32)) };
}

function scalarOf(group: Group, name: string, value: unknown): bigint {
  const digits = member(group, name, value, "scalar");
  if (!/^[0-9a-f]{64}$/i.test(digits)) throw new TransferError(`${name}: a scalar is 64 hex digits`);
  const scalar = bytesToInteger(Buffer.from(digits, "hex"));
  if (scalar >= group.order) throw new TransferError(`${name}: the scalar is not below the order of the curve`);
  return scalar;
}

/** Uncompressed but on ed25519. */
function pointBytes(group: Group, point: Point): Uint8Array {
  const encoded = group.encodePoint(point);
  return group.name === "ed25519" ? encoded : uncompressed(group.name, encoded);
}

function pointOf(group: Group, name: string, value: unknown): Point {
  const digits = member(group, name, value, "point").toLowerCase();
  const compressed = group.name === "ed25519" ? digits : compressedHex(digits);
  try {
    const point = group.decodePoint(Buffer.from(compressed, "hex"));
    if (hex(pointBytes(group, point)) === digits) return point;
  } catch {
    // said below
  }
  throw new TransferError(`${name}: is not a point of ${CURVE_NAMES[group.name]} in the form of the format`);
}

/** SEC1 compressed form of an uncompressed point; anything else becomes nothing. */
function compressedHex(digits: string): string {
  if (!/^04[0-9a-f]{128}$/.test(digits)) return "";
  const odd = Number.parseInt(digits.slice(-1), 16) % 2 === 1;
  return `${odd ? "03" : "02"}${digits.slice(2, 66)}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
