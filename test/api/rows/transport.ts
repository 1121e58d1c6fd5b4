import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isRefusal, refused } from "../refusals.ts";
import { application } from "../started.ts";

const ID = /^[a-z]+-[0-9a-z]{5}-[0-9a-z]{5}-[0-9a-z]{14,16}$/;

/** Section 1 of the contract. */
describe("1 transport", () => {
  it("answers what it does not know with JSON, with the text where the Node and the Python client read it", async () => {
    const { admin } = application();
    isRefusal(await application().call("GET", "/staking/stakes", { token: admin.token }), 404);
    isRefusal(await application().call("PATCH", "/keys", { token: admin.token }), 405);
    isRefusal(await application().call("POST", "/auth/action/init", { token: admin.token, body: "{" }), 400);
  });

  it("gives DfnsError status, message and context", async () => {
    const { auth } = application().client(application().admin);
    const error = await refused(auth.getUser({ userId: "us-aaaaa-bbbbb-cccccccccccccccc" }), 404);
    expect(error.context).toMatchObject({ url: expect.stringContaining("/auth/users/"), body: { error: {} } });
  });

  it("refuses a call without a token, and with one that is none, by 401", async () => {
    isRefusal(await application().call("GET", "/keys"), 401);
    isRefusal(await application().call("GET", "/keys", { token: "no token" }), 401);
    const forged = application().admin.token.split(".");
    forged[2] = randomBytes(64).toString("base64url");
    isRefusal(await application().call("GET", "/keys", { token: forged.join(".") }), 401);
  });

  it("lets the client refuse a token of another organisation before any call", async () => {
    const { recorder, admin } = application();
    const before = recorder.calls.length;
    const other = application().client(admin, "or-aaaaa-bbbbb-cccccccccccccccc");
    await expect(other.keys.listKeys()).rejects.toThrow(/org/i);
    expect(recorder.calls).toHaveLength(before);
    await expect(application().client(admin).keys.listKeys()).resolves.toHaveProperty("items");
  });

  it("ignores the headers of older clients", async () => {
    const headers = {
      "x-dfns-appid": "ap-1",
      "x-dfns-nonce": "e30",
      "x-dfns-appsecret": "s",
      "x-dfns-apisignature": "a",
    };
    const answer = await application().call("GET", "/auth/users", { token: application().admin.token, headers });
    expect(answer.status).toBe(200);
  });

  it("answers the preflight of a page with the headers that it may send", async () => {
    const wanted = "authorization, content-type, x-dfns-useraction, x-dfns-appid, x-dfns-nonce, x-dfns-sdk-version";
    const response = await fetch(`${application().baseUrl}/keys`, {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:8080",
        "access-control-request-method": "PUT",
        "access-control-request-headers": wanted,
      },
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:8080");
    const allowed = response.headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
    for (const header of wanted.split(", ")) expect(allowed).toContain(header);
    expect(response.headers.get("access-control-allow-methods")).toContain("PUT");
  });

  it("pages: every user once, page by page, the token absent on the last", async () => {
    const { auth } = application().client(application().admin);
    for (const name of ["a", "b", "c"]) {
      const email = `page-${name}-${randomBytes(4).toString("hex")}@example.test`;
      await auth.createUser({ body: { email, kind: "CustomerEmployee" } });
    }
    const all = await auth.listUsers({ query: { limit: 200 } });
    expect(all).not.toHaveProperty("nextPageToken");
    const seen: string[] = [];
    let paginationToken: string | undefined;
    do {
      const page = await auth.listUsers({
        query: { limit: 2, ...(paginationToken === undefined ? {} : { paginationToken }) },
      });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map((user) => user.userId));
      paginationToken = page.nextPageToken;
    } while (paginationToken !== undefined);
    expect(seen).toEqual(all.items.map((user) => user.userId));
    expect(new Set(seen).size).toBe(seen.length);
    for (const id of seen) expect(id).toMatch(ID);
    await refused(auth.listUsers({ query: { limit: 2, paginationToken: "nonsense" } }), 400, /paginationToken/);
    await refused(auth.listUsers({ query: { limit: 201 } }), 400, /limit/);
  });
});
