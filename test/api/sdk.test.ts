import { expect, it } from "vitest";
import { rowsOf, unserved } from "./contract.ts";
import "./rows/credentials.ts";
import "./rows/delegated.ts";
import "./rows/identities.ts";
import "./rows/key-transfers.ts";
import "./rows/keys.ts";
import "./rows/policies.ts";
import "./rows/recovery.ts";
import "./rows/registration.ts";
import "./rows/signatures.ts";
import "./rows/tokens.ts";
import "./rows/transfers.ts";
import "./rows/transport.ts";
import "./rows/user-actions.ts";
import "./rows/wallets.ts";
import "./rows/webhooks.ts";
import { application } from "./started.ts";

// What is tried stands in the rows, a file for each part of the contract; all of it on one network.
it("every endpoint that the contract promises has served somebody above", () => {
  const { calls } = application().recorder;
  expect({ must: unserved(rowsOf("must"), calls), should: unserved(rowsOf("should"), calls) }).toEqual({
    must: [],
    should: [],
  });
});
