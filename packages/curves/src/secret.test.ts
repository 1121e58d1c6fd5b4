import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

test("a secret shows itself nowhere", () => {
  const secret = new Secret(Uint8Array.of(0xde, 0xad));
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify(secret),
    JSON.stringify({ deep: [secret] }),
    inspect(secret),
    inspect({ deep: { secret } }, { showHidden: true, depth: null }),
    inspect([secret], { customInspect: false, showHidden: true }),
    JSON.stringify(structuredClone({ ...secret })),
    Object.keys(secret).join(),
  ];
  for (const text of shown) expect(text).not.toMatch(/222|173|de, ?ad|dead|3q0/i);
  for (const text of shown.slice(0, 6)) expect(text).toContain("[secret]");
});

test("a wiped secret is zeros, and using it is an error", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const secret = new Secret(bytes);
  expect(secret.expose()).toBe(bytes);
  secret.wipe();
  secret.wipe();
  expect([...bytes]).toEqual([0, 0, 0]);
  expect(secret.length).toBe(3);
  expect(() => secret.expose()).toThrow("wiped");
});

test("the end of a using block wipes, also when it is left by a throw", () => {
  const bytes = Uint8Array.of(1);
  expect(() => {
    using _secret = new Secret(bytes);
    throw new Error("abort");
  }).toThrow("abort");
  expect(bytes[0]).toBe(0);
});
