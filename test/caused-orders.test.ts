import { signerIdOf } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { answersTo, type MadeKey, madeKey } from "./support/authorised-orders.ts";
import { LogKeeper } from "./support/log-keeper.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

/** Version 1 and the generator of secp256k1: what shares can be sealed to. */
const RECIPIENT = Buffer.from("010279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "hex");
const EXPORT = {
  encryptionKey: RECIPIENT.toString("base64"),
  supportedSchemes: [{ protocol: "FROST", curve: "ed25519" }],
};

function scene() {
  const keeper = new LogKeeper(new VirtualNetwork());
  return { keeper, key: madeKey(keeper) };
}

function causeOf(keeper: LogKeeper, key: MadeKey, record: string) {
  return { organisation: keeper.state.id, head: keeper.head, key: key.id, record: Buffer.from(record, "hex") };
}

let executions = 0;
const executionId = () => new Uint8Array(16).fill(++executions);

describe("a share is given away", () => {
  const order = (key: MadeKey) => {
    return {
      kind: "export",
      executionId: executionId(),
      keyId: key.keyId,
      epoch: 0,
      encryptionKey: RECIPIENT,
    } as const;
  };

  it("only where a record of the log says so, of that key, and sealed to whom the record names", () => {
    const { keeper, key } = scene();
    const other = madeKey(keeper);
    const record = keeper.act({ method: "POST", path: `/keys/${key.id}/export`, body: EXPORT });
    const cause = causeOf(keeper, key, record);
    const stranger = RECIPIENT.with(1, 3);
    expect(answersTo(keeper, { ...order(key), cause: null })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(key), cause: causeOf(keeper, key, key.record) })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(other), cause })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(other), cause: causeOf(keeper, other, record) })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(key), cause, encryptionKey: stranger })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(key), cause })).toEqual(["exported"]);
  });
});

describe("a share is renewed", () => {
  it("only where a record of the log says so, of that key", () => {
    const { keeper, key } = scene();
    const other = madeKey(keeper);
    const record = keeper.act({ method: "POST", path: `/keys/${key.id}/refresh` });
    const cause = causeOf(keeper, key, record);
    const order = ({ keyId }: MadeKey) =>
      ({ kind: "refresh", executionId: executionId(), keyId, epoch: 0, newEpoch: 1 }) as const;
    expect(answersTo(keeper, { ...order(key), cause: null })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(other), cause })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(key), cause })).toEqual([]);
  });
});

describe("a share from elsewhere is taken", () => {
  it("only where a record of the log brings it, for these holders, and not by a signer that lost records since", () => {
    const { keeper } = scene();
    const { network } = keeper;
    const night = network.snapshot("signer-1");
    const share = (fill: number) => Buffer.alloc(80, fill);
    const encryptedKeyShares = keeper.everybody.map((node, at) => {
      const signerId = signerIdOf(keeper.network.identityOf(node).publicKey);
      return { signerId, encryptedKeyShare: share(at).toString("base64") };
    });
    const body = { curve: "ed25519", protocol: "FROST", minSigners: 3, encryptedKeyShares };
    const record = keeper.act({ method: "POST", path: "/keys/import", body });
    const [key] = [...keeper.state.keys.values()].filter((one) => one.imported);
    const cause = causeOf(keeper, { id: key!.id, record, keyId: new Uint8Array(32) }, record);
    const members = keeper.everybody.map((node, at) => ({ identifier: at + 1, node }));
    const order = () => {
      return {
        kind: "import",
        executionId: executionId(),
        suite: "ed25519",
        minSigners: 3,
        members,
        sealedShare: share(0),
        cause,
      } as const;
    };
    expect(answersTo(keeper, { ...order(), cause: null })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(), suite: "taproot" })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(), minSigners: 2 })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(), members: members.slice(0, 4) })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, { ...order(), sealedShare: share(1) })).toEqual(["no_authorisation"]);
    expect(answersTo(keeper, order())).toEqual(["invalid_order"]); // as far as opening a share that is none
    network.pass(1500);
    network.restore("signer-1", night); // it may have joined that import
    network.pass(1500);
    expect(answersTo(keeper, order())).toEqual(["rolled_back"]);
  });
});
