import { describe, expect, it } from "vitest";
import { AuthorityError } from "../error.ts";
import { readChallenge } from "./challenge.ts";
import { decodeLogRecord } from "./record.ts";

const ZEROS = "0".repeat(64);

function refusal(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("bytes that are JSON but have no canonical form", () => {
  it.each([
    ["half a surrogate pair", '"\\ud800"'],
    ["a number beyond all", "1e999"],
    ["objects nested too deep", "[".repeat(100) + "]".repeat(100)],
  ])("are no record, and refused as one: %s", (_, value) => {
    const action = `{"body":{"a":${value}},"endorsement":null,"method":"POST","path":"/keys","proof":null}`;
    const text = `{"action":${action},"format":1,"height":1,"organisation":"or-1","previous":"${ZEROS}","time":1}`;
    const error = refusal(() => decodeLogRecord(new TextEncoder().encode(text)));
    expect(error).toBeInstanceOf(AuthorityError);
    expect(error).toMatchObject({ code: "bad_record" });
  });

  it("are no challenge either", () => {
    const request = `"method":"POST","network":"n","nonce":"${"A".repeat(22)}","organisation":"or-1","path":"/\\ud800"`;
    const text = `{"body":"${ZEROS}","expires":1,${request},"purpose":"action","v":1}`;
    const error = refusal(() => readChallenge(Buffer.from(text).toString("base64url")));
    expect(error).toBeInstanceOf(AuthorityError);
    expect(error).toMatchObject({ code: "bad_challenge" });
  });
});
