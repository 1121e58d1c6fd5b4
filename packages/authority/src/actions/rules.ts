import type { Rule } from "../log/rule.ts";
import { approvalRules } from "./approvals.ts";
import { credentialRules } from "./credentials.ts";
import { keyTransferRules } from "./key-transfers.ts";
import { keyRules } from "./keys.ts";
import { permissionRules } from "./permissions.ts";
import { policyRules } from "./policies.ts";
import { recoveryRules } from "./recovery.ts";
import { registrationRules } from "./registration.ts";
import { serviceAccountRules } from "./service-accounts.ts";
import { signatureRules } from "./signatures.ts";
import { tokenRules } from "./tokens.ts";
import { userRules } from "./users.ts";
import { walletRules } from "./wallets.ts";

const identityRules: readonly Rule[] = [
  ...userRules,
  ...registrationRules,
  ...credentialRules,
  ...recoveryRules,
  ...serviceAccountRules,
  ...tokenRules,
  ...permissionRules,
];

/** Every action that a log knows. */
export const RULES: readonly Rule[] = [
  ...identityRules,
  ...keyRules,
  ...walletRules,
  ...keyTransferRules,
  ...policyRules,
  ...signatureRules,
  ...approvalRules,
];
