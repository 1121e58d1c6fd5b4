export * from "./governed.ts";
export { codes, logIn, type Registered, register, registerEndUser } from "./newcomer.ts";
