import { AuthorityError } from "../error.ts";

/** What clients send: with and without padding. */
export const BASE64URL: RegExp = /^[A-Za-z0-9_-]*={0,2}$/;

/** Without padding: the form in which identifiers of credentials are kept and compared. */
export function unpadded(text: string): string {
  return text.replace(/={1,2}$/, "");
}

export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/** @returns `undefined` unless the text is the one base64url form of the bytes, its padding aside */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!BASE64URL.test(text)) return undefined;
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  return toBase64url(bytes) === unpadded(text) ? bytes : undefined;
}

/** @throws AuthorityError naming the field */
export function decodeBase64url(text: string, field: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes !== undefined) return bytes;
  throw new AuthorityError("bad_record", `${field}: is not base64url`, {
    field,
    hint: "use A-Z, a-z, 0-9, - and _, with or without padding",
  });
}
