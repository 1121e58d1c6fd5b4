import { TestOrganisation } from "@quorate/authority/testing";
import { expect, it } from "vitest";
import type { Access } from "./access.ts";
import { newChallenge, outstanding } from "./challenges.ts";
import { MemoryRecords } from "./records.ts";

it("logins that anybody may begin in a user's name displace none of the actions that the user began", async () => {
  const organisation = new TestOrganisation();
  const now = () => organisation.time;
  const access = { records: new MemoryRecords(now), network: organisation.network, now } as unknown as Access;
  const user = [...organisation.state.users.keys()][0]!;
  const begin = (purpose: "action" | "login") => {
    const request = { method: "POST", path: purpose === "login" ? "/auth/login" : "/keys", body: {} };
    return newChallenge(access, organisation.state, purpose, { user, token: null, request });
  };
  const { identifier, text } = await begin("action");
  for (let count = 0; count < 4100; count++) await begin("login");
  expect(await outstanding(access, identifier, "action")).toMatchObject({ text });
});
