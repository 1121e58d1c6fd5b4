/** Keys on their way in and out: what is sealed to whom, in which form, and how shares become a key again. */
export * from "./envelope.ts";
export * from "./plaintext.ts";
export { recombine } from "./recombine.ts";
