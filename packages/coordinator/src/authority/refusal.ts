import { AuthorityError, type AuthorityErrorCode } from "@quorate/authority";
import { InputError, type InputErrorCode } from "@quorate/orders";

/** What a refusal of the authority is to whoever asked; `forbidden` where nothing stands here. */
const CODE: Readonly<Partial<Record<AuthorityErrorCode, InputErrorCode>>> = {
  expired: "bad_action",
  already_used: "bad_action",
  bad_record: "invalid_input",
  invalid_input: "invalid_input",
  unknown_organisation: "not_found",
  unknown_key: "not_found",
  not_found: "not_found",
  conflict: "conflict",
  halted: "halted",
  stale_head: "quorum_unavailable",
  behind: "quorum_unavailable",
};

/** The error for people and for the API, whose details keep the authority's own code. */
export function inputError({
  code,
  message,
  field,
  hint,
}: Pick<AuthorityError, "code" | "message" | "field" | "hint">) {
  return new InputError(CODE[code] ?? "forbidden", message, {
    ...(field === undefined ? {} : { field }),
    ...(hint === undefined ? {} : { hint }),
    details: { authority: code },
  });
}

/** What `judged` returns. @throws InputError for what the authority refuses */
export function refusing<T>(judged: () => T): T {
  try {
    return judged();
  } catch (error) {
    throw error instanceof AuthorityError ? inputError(error) : error;
  }
}
