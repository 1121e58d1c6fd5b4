import { describe, expect, it } from "vitest";
import { Users } from "./support/user.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const MESSAGE = { kind: "Message", message: "0xdeadbeef" };

function scene() {
  const network = new VirtualNetwork();
  return { network, users: new Users(network) };
}

describe("in a network of an organisation", () => {
  it("a user has a key made under the id that the log gave it, and signs with it in one round", () => {
    const { users } = scene();
    const key = users.key();
    expect(users.state.keys.has(key.id)).toBe(true);
    const signed = users.sign(key, MESSAGE);
    expect(signed).toMatchObject({ ok: { status: "Signed", organisation: users.id, keyId: key.id } });
    expect(signed).toMatchObject({ ok: { requester: { userId: [...users.state.users.keys()][0] } } });
  });

  it("a key is made once, however often it is asked for", () => {
    const { network, users } = scene();
    users.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const [id] = [...users.state.keys.keys()];
    const results: unknown[] = [];
    network.coordinator.makeKey(users.id, id!, {}, (result) => results.push(result));
    network.coordinator.makeKey(users.id, id!, {}, (result) => results.push(result));
    const third = users.made(id!);
    expect(results).toEqual([third, third]);
    expect(users.made(id!)).toEqual(third);
    expect(network.coordinator.keys()).toHaveLength(1);
  });

  it("a child of a key signs under its own id", () => {
    const { users } = scene();
    const root = users.key();
    const child = users.key({ scheme: "EdDSA", curve: "ed25519", deriveFrom: { keyId: root.id, path: "m/7" } });
    expect(child).toMatchObject({ derivedFrom: { keyId: root.id, path: "m/7" }, keyId: root.keyId });
    expect(users.state.keys.has(child.id)).toBe(true);
    expect(users.sign(child, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
  });

  it("nothing is signed but what the user signed, nor with another key", () => {
    const { network, users } = scene();
    const [one, other] = [users.key(), users.key()];
    const authority = users.authority(one, MESSAGE);
    const asking = (keyId: string, body: Readonly<Record<string, unknown>>) => () =>
      network.coordinator.sign({ keyId, body, authority }, () => {});
    expect(asking(one.id, { kind: "Message", message: "0xdeadbeee" })).toThrow("body: the user signed");
    expect(asking(other.id, MESSAGE)).toThrow(`asked for a signature of key ${one.id}`);
  });

  it("a key goes on signing while too few signers are there for a change", () => {
    const { network, users } = scene();
    const key = users.key();
    network.kill("signer-4");
    network.kill("signer-5");
    const waiting = users.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    expect(waiting).toMatchObject({ error: { code: "quorum_unavailable" } });
    expect(users.sign(key, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
    network.restart("signer-4");
    network.pass(3000);
    expect(users.state.keys.size).toBe(2);
    expect(users.sign(key, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
  });

  it("a coordinator that starts anew goes on with log, keys and requests", () => {
    const { network, users } = scene();
    const key = users.key();
    network.killCoordinator();
    network.restartCoordinator();
    network.pass(100);
    expect(users.state.head.height).toBe(1);
    expect(users.sign(key, MESSAGE)).toMatchObject({ ok: { status: "Signed" } });
    expect(users.key().id).not.toBe(key.id);
  });
});
