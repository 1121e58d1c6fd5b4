import { DfnsError } from "@dfns/sdk";
import { expect } from "vitest";
import type { Answer } from "./application.ts";

/** Waits for the refusal of an official client, and looks at what it tells its user. @param says what the message must match */
export async function refused(call: Promise<unknown>, status: number, says: RegExp = /./): Promise<DfnsError> {
  const error = await call.then(
    (value) => expect.fail(`was not refused: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DfnsError);
  const { httpStatus, message, context } = error as DfnsError;
  expect({ httpStatus, message }, JSON.stringify(context)).toEqual({
    httpStatus: status,
    message: expect.stringMatching(says),
  });
  return error as DfnsError;
}

/** Looks at a refusal as it came: status, and the one form of body that there is. */
export function isRefusal({ status, body }: Answer, expected: number, says: RegExp = /./): void {
  expect({ status, body }).toEqual({
    status: expected,
    body: {
      error: {
        id: expect.stringMatching(/^err-/),
        status: expected,
        message: expect.stringMatching(says),
        details: expect.any(Object),
      },
      message: body?.error?.message,
    },
  });
}
