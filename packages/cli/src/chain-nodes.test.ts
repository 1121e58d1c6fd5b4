import { describe, expect, it } from "vitest";
import { chainNodes } from "./chain-nodes.ts";

describe("--chain", () => {
  it("names a node for each network", () => {
    const nodes = chainNodes(["EthereumSepolia=http://127.0.0.1:8545", "Polygon=https://node.example/v1?key=a=b"]);
    expect([...nodes]).toEqual([
      ["EthereumSepolia", "http://127.0.0.1:8545"],
      ["Polygon", "https://node.example/v1?key=a=b"],
    ]);
    expect(chainNodes().size).toBe(0);
  });

  it.each(["", "EthereumSepolia", "=http://127.0.0.1", "Ethereum Sepolia=http://a", "Base=ftp://a", "Base=nonsense"])(
    "refuses %j, and shows what it takes",
    (value) => {
      expect(() => chainNodes([value])).toThrow(/not of the form network=url/);
    },
  );
});
