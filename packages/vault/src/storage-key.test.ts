import { inspect } from "node:util";
import { Secret } from "@quorate/curves";
import { expect, test } from "vitest";
import { formatStorageKey, parseStorageKey, storageKey, storageKeyId } from "./storage-key.ts";

const bytes = Uint8Array.from({ length: 32 }, (_, at) => at);
const line = `quorate-storage-key-1:${Buffer.from(bytes).toString("base64url")}`;

test("the line of a key file reads back as the same key", () => {
  expect(formatStorageKey(new Secret(bytes.slice()))).toBe(line);
  expect(parseStorageKey(`${line}\n`).expose()).toEqual(bytes);
});

test("a line of any other form is refused without showing it", () => {
  const digits = line.slice(22);
  const wrong = ["", "\n", digits, `quorate-storage-key-2:${digits}`, line.slice(0, -1), `${line}A`, `${line}=`];
  wrong.push(line.replace("A", "!"), `${line.slice(0, -1)}9`, `${line} ${line}`);
  for (const text of wrong) {
    expect(() => parseStorageKey(text)).toThrow(/storage key|base64url/);
    try {
      parseStorageKey(text);
    } catch (error) {
      expect(String(error)).not.toContain(digits.slice(2, 12));
    }
  }
});

test("only 32 bytes are a storage key", () => {
  expect(() => storageKey(new Secret(new Uint8Array(31)))).toThrow("32 bytes");
  expect(() => formatStorageKey(new Secret(new Uint8Array(33)))).toThrow("32 bytes");
});

test("a key's id tells keys apart and does not change between versions", () => {
  expect(storageKeyId(storageKey(new Secret(bytes.slice())))).toMatchInlineSnapshot(`"3c4fe50167aff855"`);
  expect(storageKeyId(storageKey(new Secret(new Uint8Array(32))))).not.toBe(
    storageKeyId(storageKey(new Secret(bytes.slice()))),
  );
});

test("a storage key does not print", () => {
  const key = storageKey(new Secret(bytes.slice()));
  const sealing = key.sealing.export();
  const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
  for (const secret of [Buffer.from(bytes), sealing]) {
    expect(shown).not.toContain(secret.toString("hex"));
    expect(shown).not.toContain(secret.toString("base64"));
    expect(shown).not.toContain([...secret].join(","));
  }
});
