import type { Rule } from "../log/rule.ts";
import { keyTransferRules } from "./key-transfers.ts";
import { keyRules } from "./keys.ts";
import { serviceAccountRules } from "./service-accounts.ts";
import { walletRules } from "./wallets.ts";

/** Every action that a log knows. */
export const RULES: readonly Rule[] = [...serviceAccountRules, ...keyRules, ...walletRules, ...keyTransferRules];
