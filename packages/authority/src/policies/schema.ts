import { z } from "zod";
import { id, words } from "../actions/fields.ts";

/** The most minutes that a velocity looks back, and that an approval waits: 30 days. */
export const MAX_MINUTES = 43_200;

const minutes = z.int().min(1).max(MAX_MINUTES);
const NO_PRICES = 'there are no prices here: say currency "NATIVE", and limit in the smallest unit of the chain';
const currency = z.literal("NATIVE", { error: NO_PRICES });
/** In the smallest unit, as text since it may be larger than JSON's exact numbers; small ones may be numbers. */
const limit = z.union([z.int().min(0), z.string().regex(/^[0-9]{1,78}$/)], {
  error: "a whole number, as text where it is large, in the smallest unit",
});

const RULES = {
  AlwaysTrigger: z.strictObject({ kind: z.literal("AlwaysTrigger"), configuration: z.strictObject({}).optional() }),
  TransactionRecipientWhitelist: z.strictObject({
    kind: z.literal("TransactionRecipientWhitelist"),
    configuration: z.strictObject({ addresses: z.array(words(120)).max(500) }),
  }),
  TransactionAmountLimit: z.strictObject({
    kind: z.literal("TransactionAmountLimit"),
    configuration: z.strictObject({ limit, currency }),
  }),
  TransactionAmountVelocity: z.strictObject({
    kind: z.literal("TransactionAmountVelocity"),
    configuration: z.strictObject({ limit, currency, timeframe: minutes }),
  }),
  TransactionCountVelocity: z.strictObject({
    kind: z.literal("TransactionCountVelocity"),
    configuration: z.strictObject({ limit: z.int().min(0), timeframe: minutes }),
  }),
};

/** When a policy applies. */
export const policyRule = z.discriminatedUnion(
  "kind",
  [
    RULES.AlwaysTrigger,
    RULES.TransactionRecipientWhitelist,
    RULES.TransactionAmountLimit,
    RULES.TransactionAmountVelocity,
    RULES.TransactionCountVelocity,
  ],
  { error: `there are ${Object.keys(RULES).join(", ")}` },
);
export type PolicyRule = z.output<typeof policyRule>;

const approvalGroup = z.strictObject({
  name: words(100).optional(),
  quorum: z.int().min(1).max(50),
  approvers: z.strictObject({ userId: z.strictObject({ in: z.array(id).min(1).max(50) }).optional() }),
  initiatorCanApprove: z.boolean().optional(),
});
export type ApprovalGroup = z.output<typeof approvalGroup>;

const requestApproval = z.strictObject({
  kind: z.literal("RequestApproval"),
  approvalGroups: z.array(approvalGroup).min(1).max(10),
  /** Minutes after which nobody can approve any more. */
  autoRejectTimeout: minutes.nullable().optional(),
});

/** What happens where it applies. */
export const policyAction = z.discriminatedUnion(
  "kind",
  [z.strictObject({ kind: z.literal("Block") }), z.strictObject({ kind: z.literal("NoAction") }), requestApproval],
  { error: "there are Block, RequestApproval, NoAction" },
);
export type PolicyAction = z.output<typeof policyAction>;

const labels = z.array(words(50)).min(1).max(50);

/** To which keys it applies; to all where nothing is said. */
export const policyFilters = z.strictObject({
  walletId: z.strictObject({ in: z.array(id).min(1).max(200) }).optional(),
  walletTags: z.strictObject({ hasAny: labels.optional(), hasAll: labels.optional() }).optional(),
});
export type PolicyFilters = z.output<typeof policyFilters>;

/** The body that makes or changes a policy. */
export const policyBody = z.strictObject({
  name: words(100),
  activityKind: z.literal("Wallets:Sign", {
    error:
      "this version has policies on Wallets:Sign only; leave changes of policies and permissions to who is permitted them",
  }),
  rule: policyRule,
  action: policyAction,
  filters: policyFilters.optional(),
});
export type PolicyBody = z.output<typeof policyBody>;
