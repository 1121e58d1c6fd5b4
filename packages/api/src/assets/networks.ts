import { InputError } from "@quorate/orders";
import type { Endpoints } from "../access/endpoints.ts";
import { feesOf } from "../chains/fees.ts";
import { nodeFor } from "../chains/json-rpc.ts";

/** What is read from chains, through their configured nodes. */
export function networkEndpoints(endpoints: Endpoints): void {
  const { chains } = endpoints.access.options;
  endpoints.bearer("GET", "/networks/fees", (c) => {
    const network = c.req.query("network");
    if (network !== undefined) return feesOf(nodeFor(chains, network));
    throw new InputError("invalid_input", "network: is missing", { field: "network", hint: "add ?network=Ethereum" });
  });
}
