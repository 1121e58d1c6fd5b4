import { z } from "zod";

/** Text that people read: no control characters. */
export function words(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, "no control characters");
}

/** An id of ours, of any kind. */
export const id = z.string().min(1).max(64);

/** Nothing: actions that say all in their path. */
export const nothing = z.strictObject({});

/** The caller's own label, with which nothing here is done. */
export const externalId = words(100);

/** A public key as PEM. */
export const pem = z.string().min(64).max(4096);
