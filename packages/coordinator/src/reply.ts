import type { InputError } from "@quorate/orders";

/** What a command comes to. */
export type Result<T> = { readonly ok: T } | { readonly error: InputError };

/** Called exactly once, when the command is finished. */
export type Reply<T> = (result: Result<T>) => void;
