import { InputError } from "@quorate/orders";

/** An external id that a request with another body has. */
export function duplicate(id: string | undefined, externalId: string): InputError {
  return new InputError("conflict", `externalId ${externalId} belongs to another request of this key`, {
    field: "externalId",
    hint: "use another externalId, or send the first body again to get its result",
    details: { duplicate: { ...(id === undefined ? {} : { id }), externalId } },
  });
}

/** An external id of which nobody knows whether it was used. */
export function unreadable(externalId: string): InputError {
  return new InputError("failed", `the record of externalId ${externalId} cannot be read`, {
    field: "externalId",
    hint: "whether it was used cannot be told any more: look for its request, or use another externalId",
  });
}

/** The same, naming the request that failed. */
export function withRequest(error: InputError, requestId: string): InputError {
  const { field, hint, details } = error;
  return new InputError(error.code, error.message, {
    ...(field === undefined ? {} : { field }),
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, requestId },
  });
}
