export { canonicalJson } from "@quorate/authority";
