import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assetsApi } from "../testing/assets.ts";
import type { GovernedApi } from "../testing/governed.ts";

let api: GovernedApi;
beforeEach(async () => {
  ({ api } = await assetsApi());
});
afterEach(() => api.stop());

const read = async (path: string) => {
  const response = await api.app.request(path);
  return {
    type: response.headers.get("content-type"),
    policy: response.headers.get("content-security-policy"),
    text: await response.text(),
  };
};

interface Operation {
  readonly description: string;
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: Readonly<Record<string, unknown>> } };
  };
  readonly parameters?: readonly { readonly name: string }[];
  readonly security?: readonly unknown[];
}

describe("the description of the API", () => {
  const operations = async () => {
    const { openapi, paths } = JSON.parse((await read("/_quorate/openapi.json")).text);
    expect(openapi).toBe("3.1.0");
    return paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };

  it("has the body of each mutation as the rule that checks it has it", async () => {
    const paths = await operations();
    const { schema } = paths["/wallets"]!.post!.requestBody!.content["application/json"];
    expect(schema).toMatchObject({ additionalProperties: false, required: ["network"] });
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { requestBody, security, description }] of Object.entries(methods)) {
        const isSigned = description.startsWith("The caller signs it") && !/deactivate|activate|ping|logout/.test(path);
        if (isSigned && method === "post") expect(requestBody, `${method} ${path}`).toBeDefined();
        expect(security === undefined || description.startsWith("Anybody"), path).toBe(true);
      }
    }
  });

  it("names what a caller needs, what it sends along, and the ids in the path", async () => {
    const { put } = (await operations())["/keys/{keyId}"]!;
    expect(put!.description).toContain("Keys:Update");
    expect(put!.parameters!.map(({ name }) => name)).toEqual(["keyId", "x-dfns-useraction"]);
  });

  it("is read on a page that loads nothing from elsewhere", async () => {
    const page = await read("/_quorate/docs");
    expect(page.type).toBe("text/html; charset=utf-8");
    expect(page.policy).toContain("default-src 'none'");
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) {
      expect(link).toMatch(/^\/_quorate\//);
      expect((await api.app.request(link)).status, link).toBe(200);
    }
  });

  it("does not open what else lies under /_quorate", async () => {
    for (const path of ["/_quorate/network", "/_quorate/scenarios"]) {
      expect((await api.app.request(path)).status).toBe(401);
    }
  });
});
