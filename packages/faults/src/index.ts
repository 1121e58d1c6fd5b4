export * from "./fault.ts";
export { linkRules, nodesOf } from "./meaning.ts";
export { type FaultWords, faultFromWords, faultText, parametersOf, parseDuration, parseFault } from "./parsing.ts";
export * from "./rule.ts";
export {
  type Direction,
  type LinkSelector,
  type Nodes,
  parseLinkSelector,
  parseSelector,
  resolve,
  resolveLink,
  type Selector,
} from "./selector.ts";
