/** What needs nothing of Node: for applications that check in a browser what they are about to sign. */
export { canonicalJson } from "./canonical-json.ts";
export { AuthorityError } from "./error.ts";
export * from "./log/challenge-text.ts";
