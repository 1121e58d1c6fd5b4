import { bodyDigest, type Challenge, challengeText } from "@quorate/authority";
import { describe, expect, it } from "vitest";
import { ChallengeError, type Expected, verifyChallenge } from "./index.ts";

const NOW = 1_790_000_000_000;
const body = { kind: "Hash", hash: "00".repeat(32) };
const refs = { "us-1": "ab".repeat(32) };
const honest: Challenge = {
  v: 1,
  network: "local-1",
  organisation: "or-1",
  purpose: "action",
  method: "POST",
  path: "/keys/key-1/signatures",
  body: bodyDigest(body),
  nonce: "A".repeat(22),
  expires: NOW + 60_000,
};
const asked: Expected = {
  ...{ method: "POST", path: "/keys/key-1/signatures", body, network: "local-1", organisation: "or-1", now: NOW },
};
const fieldOf = (challenge: string, expected: Expected) => {
  try {
    verifyChallenge(challenge, expected);
  } catch (error) {
    expect(error).toBeInstanceOf(ChallengeError);
    return (error as ChallengeError).field;
  }
  return "accepted";
};

describe("a challenge", () => {
  it("that describes the request is accepted, whatever the order of members and the query", () => {
    const turned = { hash: body.hash, kind: body.kind, note: undefined };
    const expected = { ...asked, path: `${asked.path}?force=true`, body: turned };
    expect(verifyChallenge(challengeText(honest), expected)).toEqual(honest);
  });

  it("for no body is that for an empty one", () => {
    const challenge = challengeText({ ...honest, method: "DELETE", path: "/keys/key-1", body: bodyDigest({}) });
    for (const none of [undefined, {}, ""]) {
      expect(fieldOf(challenge, { ...asked, method: "DELETE", path: "/keys/key-1", body: none })).toBe("accepted");
    }
  });

  it.each([
    ["another body", { body: bodyDigest({ ...body, hash: "11".repeat(32) }) }, "body"],
    ["another path", { path: "/keys/key-2/signatures" }, "path"],
    ["another method", { method: "PUT" }, "method"],
    ["another network", { network: "local-2" }, "network"],
    ["another organisation", { organisation: "or-2" }, "organisation"],
    ["another purpose", { purpose: "login" }, "purpose"],
    ["a far future", { expires: NOW + 3 * 3600_000 }, "expires"],
  ] as const)("for %s is refused, and the error says so", (_, change, field) => {
    expect(fieldOf(challengeText({ ...honest, ...change }), asked)).toBe(field);
  });

  it("names exactly what the application showed, where it says what that was", () => {
    const challenge = challengeText({ ...honest, refs });
    expect(fieldOf(challenge, { ...asked, refs })).toBe("accepted");
    expect(fieldOf(challengeText(honest), { ...asked, refs })).toBe("refs");
    expect(fieldOf(challenge, { ...asked, refs: {} })).toBe("refs");
    expect(fieldOf(challenge, { ...asked, refs: { "us-1": "cd".repeat(32) } })).toBe("refs");
  });

  it("is for the user that is registered", () => {
    const challenge = challengeText({ ...honest, purpose: "registration", user: "us-1" });
    expect(fieldOf(challenge, { ...asked, purpose: "registration", user: "us-1" })).toBe("accepted");
    expect(fieldOf(challenge, { ...asked, purpose: "registration", user: "us-2" })).toBe("user");
  });

  it.each(["", "ch-79hht", "eyJ2IjoxfQ", `${challengeText(honest)}=`])(
    "that describes nothing is refused: %s",
    (text) => {
      expect(fieldOf(text, asked)).toBe("challenge");
    },
  );
});
