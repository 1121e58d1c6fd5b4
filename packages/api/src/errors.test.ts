import { InputError, type InputErrorCode } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { errorResponse } from "./errors.ts";

describe("errorResponse", () => {
  it.each<[InputErrorCode, number, string | null]>([
    ["invalid_input", 400, null],
    ["unsupported", 400, null],
    ["not_found", 404, null],
    ["conflict", 409, null],
    ["impossible", 422, null],
    ["overloaded", 429, "1"],
    ["failed", 500, null],
    ["quorum_unavailable", 503, "2"],
  ])("answers %s with %i", async (code, status, retryAfter) => {
    const response = errorResponse(
      new InputError(code, "what happened", { field: "f", hint: "h", details: { more: [1] } }),
    );
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(retryAfter);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({
      error: {
        id: expect.stringMatching(/^err-/),
        status,
        message: "what happened",
        details: { code, field: "f", hint: "h", more: [1] },
      },
      message: "what happened",
    });
  });

  it("keeps the code its own, whatever the details say", async () => {
    const response = errorResponse(new InputError("failed", "m", { details: { code: "timeout" } }));
    expect(await response.json()).toMatchObject({ error: { details: { code: "failed" } } });
  });
});
