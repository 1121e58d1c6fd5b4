import type { Rule } from "../log/rule.ts";
import { keyRules } from "./keys.ts";
import { serviceAccountRules } from "./service-accounts.ts";

/** Every action that a log knows. */
export const RULES: readonly Rule[] = [...serviceAccountRules, ...keyRules];
