import type { Endpoints } from "../access/endpoints.ts";
import { keyEndpoints } from "./keys.ts";
import { networkEndpoints } from "./networks.ts";
import { policyEndpoints } from "./policies.ts";
import { signatureEndpoints } from "./signatures.ts";
import { walletEndpoints } from "./wallets.ts";

/** What users have, and what they have signed with it. */
export function assetEndpoints(endpoints: Endpoints): void {
  keyEndpoints(endpoints);
  walletEndpoints(endpoints);
  signatureEndpoints(endpoints);
  policyEndpoints(endpoints);
  networkEndpoints(endpoints);
}
