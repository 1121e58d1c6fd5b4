export { Tokens } from "../access/tokens.ts";
export * from "./governed.ts";
export { codes, logIn, type Registered, register, registerEndUser } from "./newcomer.ts";
export { startNode, type TestNode } from "./node.ts";
