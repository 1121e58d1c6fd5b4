import type { Rule } from "../log/rule.ts";
import { approvalRules } from "./approvals.ts";
import { keyTransferRules } from "./key-transfers.ts";
import { keyRules } from "./keys.ts";
import { policyRules } from "./policies.ts";
import { serviceAccountRules } from "./service-accounts.ts";
import { signatureRules } from "./signatures.ts";
import { walletRules } from "./wallets.ts";

/** Every action that a log knows. */
export const RULES: readonly Rule[] = [
  ...serviceAccountRules,
  ...keyRules,
  ...walletRules,
  ...keyTransferRules,
  ...policyRules,
  ...signatureRules,
  ...approvalRules,
];
