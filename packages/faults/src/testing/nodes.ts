import type { Nodes } from "../index.ts";

const node = (name: string, region: string, operator: string) => ({
  ...{ name, region, operator },
  ...{ publicKey: "00".repeat(32), addresses: ["/ip4/127.0.0.1/tcp/4101"] },
});

/** Three signers in two regions of two operators, and two coordinators. */
export const NODES: Nodes = {
  coordinator: node("coordinator", "us-east-1", "acme"),
  coordinators: [node("coordinator-2", "eu-west-1", "acme")],
  nodes: [node("ohio", "us-east-2", "acme"), node("dublin", "eu-west-1", "acme"), node("paris", "eu-west-3", "bolt")],
};
