import { idOf } from "@quorate/authority";
import type { KeyRecord } from "@quorate/coordinator";
import { type Edit, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { beforeEach, describe, expect, it } from "vitest";
import { keygenOrder, logOf } from "../support/authorised-orders.ts";
import { answers, give, makePresignature, presignedOrder, presignOrder } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2];
const LIAR = "signer-2";

/** Flips a bit of the first extension row in what signer-2 sends to signer-1, whenever it is told to. */
function flipping(): Behaviour & { on: boolean } {
  const edit: Edit = (step) => {
    if (step.kind !== "private" || step.round.name !== "extensions" || !behaviour.on) return step;
    return tampered(step, [1], (_, body) => {
      const flipped = body.slice();
      flipped[40] = flipped[40]! ^ 1;
      return flipped;
    });
  };
  const behaviour: Behaviour & { on: boolean } = {
    on: true,
    protocol: (name, protocol) => (name === "presign" ? tamper(protocol, edit) : protocol),
  };
  return behaviour;
}

describe("a signer that probes the secret choices of another by breaking its oblivious transfers", () => {
  let network: VirtualNetwork;
  let key: KeyRecord;
  let others: readonly KeyRecord[];
  let liar: Behaviour & { on: boolean };
  /** A key that the log has, and nobody made. */
  let named: { readonly id: string; readonly record: string };

  beforeEach(() => {
    liar = flipping();
    network = new VirtualNetwork({
      signers: 3,
      minSigners: 2,
      pairs: "stored",
      behaviours: { [LIAR]: liar },
    });
    key = network.madeKey("ECDSA");
    others = [network.madeKey("ECDSA"), network.madeKey("ECDSA")];
    const record = network.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    named = { id: idOf("key", record), record };
    network.killCoordinator(); // the tests speak in its place
  });

  const stateAt = (signer: number, peer: string) =>
    network.signers
      .get(`signer-${signer}`)!
      .pairs()
      .find((one) => one.node === peer)!.state;

  it("is banned at the first failed check, with a word that says nothing of what failed", () => {
    makePresignature(network, key, 1, SET);
    expect(stateAt(1, LIAR)).toBe("banned");
    const aborted = answers(network, 1, "aborted").at(-1)!;
    expect(aborted.code).toBe("bad_extension");
    expect(aborted.culprits).toEqual([2]);
    expect(aborted.evidence.length).toBeLessThan(1024); // two broadcasts, nothing private
    expect(stateAt(1, "signer-3")).toBe("ready");
  });

  it("hears nothing more before the ban is durable: not if the disk takes none for a while", () => {
    network.onWrite = (node, batch) => {
      if (batch.some((one) => one.kind === "ban")) network.fullDisks.add(node);
    };
    for (const signer of SET) give(network, signer, presignOrder(key, 2, SET)); // stopped as well, and reported later
    makePresignature(network, key, 1, SET);
    expect(stateAt(1, LIAR)).toBe("banned");
    expect(answers(network, 1, "aborted")).toEqual([]);
    const before = network.traffic.filter((one) => one.from === "signer-1").length;
    network.pass(5000);
    expect(network.traffic.filter((one) => one.from === "signer-1").length).toBe(before);
    network.onWrite = () => {};
    network.fullDisks.delete("signer-1");
    network.pass(1000);
    const codes = answers(network, 1, "aborted").map((one) => one.code);
    expect(codes.toSorted()).toEqual(["bad_extension", "pair_burned"]);
  });

  it("has what was made with it erased at the verdict, not only once the ban is durable", () => {
    liar.on = false;
    makePresignature(network, key, 1, SET);
    liar.on = true;
    network.onWrite = (node, batch) => {
      if (!batch.some((one) => one.kind === "ban")) return;
      network.fullDisks.add(node); // for this write only
      network.soon(() => network.fullDisks.delete(node));
    };
    makePresignature(network, key, 2, SET);
    give(network, 1, presignedOrder(network, key, 1, "late"));
    network.onWrite = () => {};
    network.pass(1000);
    expect(stateAt(1, LIAR)).toBe("banned");
    expect(answers(network, 1, "ecdsaShares")).toEqual([]);
    expect(answers(network, 1, "refused").at(-1)!.code).toBe("unknown_presignature");
  });

  it("is never worked with again, whoever restarts, whatever the key", () => {
    makePresignature(network, key, 1, SET);
    liar.on = false;
    give(network, 1, keygenOrder(logOf(network), named));
    network.pass(40);
    expect(answers(network, 1, "refused").at(-1)!.code).toBe("pair_banned"); // a session too
    let execution = 2;
    for (const restarted of ["", "signer-1", LIAR]) {
      if (restarted !== "") {
        network.kill(restarted);
        network.restart(restarted);
      }
      makePresignature(network, key, execution, SET);
      execution += 1;
      expect(answers(network, 1, "refused").at(-1)!.code).toBe("pair_banned");
      expect(stateAt(1, LIAR)).toBe("banned");
      expect(stateAt(2, "signer-1")).toBe("banned");
    }
    expect(answers(network, 1, "presigned")).toEqual([]);
  });

  it("is worked with again once somebody readmits it: with a fresh setup", () => {
    makePresignature(network, key, 1, SET);
    liar.on = false;
    const before = network.disks.get("signer-3")!.size;
    let done = false;
    network.signers.get("signer-1")!.readmit(LIAR, (known) => {
      done = known;
    });
    network.until(() => stateAt(1, LIAR) === "ready" && stateAt(2, "signer-1") === "ready");
    expect(done).toBe(true);
    expect(network.disks.get("signer-3")!.size).toBe(before);
    makePresignature(network, key, 9, SET);
    expect(answers(network, 1, "presigned")).toHaveLength(1);
    const epochs = network.events.filter((one) => one.type === "pair.ready" && one.node === "signer-1");
    expect(epochs.at(-1)).toMatchObject({ peer: LIAR });
  });

  it("learns nothing from many sessions at once beyond the first verdict", () => {
    const keys = [key, ...others];
    const messages = () => network.traffic.filter((one) => one.from === "signer-1" && one.to === LIAR);
    const small = messages().length;
    for (let execution = 1; execution <= 32; execution++) {
      for (const signer of SET) give(network, signer, presignOrder(keys[execution % 3]!, execution, SET));
    }
    network.pass(20_000);
    const answered = messages()
      .slice(small)
      .filter((one) => one.bytes.length > 40_000);
    expect(answered).toEqual([]); // no answer of any session left
    const verdicts = answers(network, 1, "aborted").map((one) => one.code);
    expect(verdicts.filter((code) => code === "bad_extension")).toHaveLength(1);
    expect(new Set(verdicts)).toEqual(new Set(["bad_extension", "pair_burned"]));
  });
});
