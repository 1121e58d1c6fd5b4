import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challengeOf, readClientData } from "./client-data.ts";

const base64url = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");
const clientData = (challenge: unknown) => base64url(JSON.stringify({ type: "key.get", challenge }));
const CHALLENGE = base64url('{"purpose":"action","v":1}');

describe("the challenge that a user signed", () => {
  test("comes back from a key signer, who copies it", () => expect(challengeOf(clientData(CHALLENGE))).toBe(CHALLENGE));
  test("comes back from a browser, which encodes it once more", () => {
    expect(challengeOf(clientData(base64url(CHALLENGE)))).toBe(CHALLENGE);
  });
  test("comes back without padding", () => {
    expect(challengeOf(clientData(`${base64url("{}")}=`))).toBe(base64url("{}"));
    expect(challengeOf(clientData(base64url(`${base64url("{}")}=`)))).toBe(base64url("{}"));
  });
  test("of another form comes back as it stands", () => {
    for (const other of ["ch-79hht-1", base64url("ch-79hht-1"), base64url(base64url("[1]")), "00ff", "%"]) {
      expect(challengeOf(clientData(other))).toBe(other);
    }
  });
  test("is the same by either way, for every object", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (object) => {
        const given = base64url(JSON.stringify(object));
        expect(challengeOf(clientData(given))).toBe(given);
        expect(challengeOf(clientData(base64url(given)))).toBe(given);
      }),
    );
  });
});

describe("client data", () => {
  test("keeps the bytes received, whatever their spacing and order", () => {
    const text = ' { "challenge" : "c", "more": [1],\n"type":"key.get" } ';
    const read = readClientData(base64url(text));
    expect(Buffer.from(read.bytes).toString()).toBe(text);
    expect(read).toMatchObject({ type: "key.get", challenge: "c" });
  });
  test("is read with padding and without", () => {
    const padded = Buffer.from('{"type":"t","challenge":"c"}').toString("base64");
    expect(padded).toMatch(/=$/);
    expect(readClientData(padded).bytes).toEqual(readClientData(padded.replace(/=/g, "")).bytes);
  });
  test.each([
    ["not JSON", base64url("{")],
    ["not an object", base64url('"text"')],
    ["null", base64url("null")],
    ["without a type", base64url('{"challenge":"c"}')],
    ["without a challenge", base64url('{"type":"t"}')],
    ["with a challenge that is a number", clientData(1)],
    ["with an origin that is a list", base64url('{"type":"t","challenge":"c","origin":["http://a"]}')],
    ["with crossOrigin as text", base64url('{"type":"t","challenge":"c","crossOrigin":"false"}')],
    [
      "not UTF-8",
      base64url(Buffer.concat([Buffer.from('{"type":"t","challenge":"'), Buffer.of(0xff), Buffer.from('"}')])),
    ],
    ["behind a byte order mark", base64url('\ufeff{"type":"t","challenge":"c"}')],
    ["not base64url", "a b"],
    ["in base64url of two forms", "e31"],
  ])("that is %s is refused", (_, text) => {
    expect(() => readClientData(text)).toThrow(expect.objectContaining({ code: "bad_record", field: "clientData" }));
  });
});
