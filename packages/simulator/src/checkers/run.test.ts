import { encode, group } from "@quorate/curves";
import { hex, type RecordWrite } from "@quorate/orders";
import type { SessionLoad } from "@quorate/signer";
import { RECORD_KINDS, verdictRecord } from "@quorate/vault";
import { beforeAll, describe, expect, test } from "vitest";
import type { Asking } from "../client.ts";
import { Disk } from "../disk.ts";
import type { Observers } from "../observer.ts";
import { Recorded } from "../testing/recorded.ts";
import { type Checking, COVERED, checkersOf, merged, missing } from "./index.ts";
import { Scene } from "./scene.ts";
import { Tables } from "./tables.ts";

let run: Recorded;
const HASH = `0x${"ab".repeat(32)}`;

beforeAll(() => {
  run = new Recorded();
  const [eddsa, ecdsa] = [run.makeKey("EdDSA", "ed25519"), run.makeKey("ECDSA", "secp256k1")];
  const bodies = [
    [eddsa, { kind: "Message", message: "0x01", externalId: "one" }],
    [eddsa, { kind: "Message", message: "0x02" }],
    [ecdsa, { kind: "Hash", hash: HASH }],
    [ecdsa, { kind: "Message", blockchainKind: "Evm", message: "0x03" }],
    [ecdsa, { kind: "Message", blockchainKind: "Evm", message: "0x04" }],
  ] as const;
  for (const [key, body] of bodies) expect(run.sign(key, body).answers[0]).toMatchObject({ ok: { status: "Signed" } });
}, 180_000);

/** What checkers say when this happens after the run: the properties, or all of it. */
function found(happens: (tell: Observers) => void, checking: Checking = {}) {
  const checkers = checkersOf(run.simulation, [run.client], checking);
  happens(run.simulation.observers);
  return checkers.violations.map(({ property, text }) => `${property}: ${text}`);
}

const everyone = () => new Set(run.simulation.machines.keys());
const written = (kind: string) =>
  run.written.flatMap(([node, batch]) => batch.filter((one) => one.kind === kind).map((write) => ({ node, write })));
const signed = (asking: Asking) => (asking.answers[0] as { ok: { id: string; result: object } }).ok;

test("nothing is found in a run of both kinds of key in which all are honest", () => {
  expect(run.checkers.finish(everyone())).toEqual([]);
  expect(run.outcomes("ecdsaShares").length).toBeGreaterThan(3);
});

test("under real crypto as well", () => {
  const full = new Recorded("full", 2);
  const key = full.makeKey("EdDSA", "ed25519");
  full.sign(key, { kind: "Message", message: "0x01" });
  expect(full.checkers.finish(everyone())).toEqual([]);
  const [asking] = full.client.asked;
  const { ok } = asking!.answers[0] as unknown as { ok: { result: { signature: { r: string; s: string } } } };
  const { r, s } = ok.result.signature;
  const result = { signature: { s, r: r.replace(/.$/, (last) => (last === "0" ? "1" : "0")) } };
  full.simulation.observers.answered(full.client, asking!, { ok: { ...ok, result } } as never);
  expect(full.checkers.violations).toMatchObject([{ property: "no-forgery" }, { property: "idempotent" }]);
}, 180_000);

describe("no-key", () => {
  const share = () => written(RECORD_KINDS.share)[0]!.write;
  /** As it lies in the record: before the chain code, which is last. */
  const scalar = () => share().value!.subarray(-64, -32);

  test.each([
    ["as it is", (secret: Buffer) => secret],
    ["backwards", (secret: Buffer) => secret.toReversed()],
    ["in hex", (secret: Buffer) => Buffer.from(secret.toString("hex"))],
    ["in base64", (secret: Buffer) => Buffer.from(secret.toString("base64"))],
    [
      "in the middle of base64",
      (secret: Buffer) => Buffer.from(Buffer.concat([Buffer.alloc(4), secret]).toString("base64url")),
    ],
  ])("a share in a message is found, %s", (_, form) => {
    const bytes = Buffer.concat([Buffer.alloc(77, 7), form(Buffer.from(scalar())), Buffer.alloc(5)]);
    const leak = () => found((tell) => tell.sent({ from: "signer-1", to: "signer-2", bytes }));
    expect(leak()).toEqual([expect.stringMatching(/^no-key: the share \d of .* is in a message/)]);
    expect(found((tell) => tell.sent({ from: "signer-1", to: "signer-2", bytes }), { secrets: false })).toEqual([]);
  });

  test("a share in a record that is not sealed, in an event and in an answer is found", () => {
    const text = hex(scalar());
    const leaks = found((tell) => {
      tell.written("signer-1", [{ kind: "audit", id: "audit", epoch: 0, value: scalar() }], "ok");
      tell.written("signer-1", [{ ...share(), secret: true }], "ok");
      tell.event("signer-1", { type: "x", text });
      tell.answered(run.client, run.client.asked[0]!, { error: new Error(text) as never });
    });
    // Messages of errors are no members that JSON shows.
    expect(leaks.map((one) => one.replace(/.* is in /, ""))).toEqual(["its record audit audit", "an event x"]);
  });

  test("the key itself is found, which nobody holds", () => {
    const { simulation } = run;
    // In the model everybody can take logarithms: the secret is the public key over the generator.
    const { order, generator, decodePoint, encodePoint, encodeScalar, invert, mod } = group(
      "secp256k1",
      simulation.crypto.backend,
    );
    const key = run.client.asked[2]!.key;
    const value = (point: Uint8Array) => BigInt(`0x${hex(point.subarray(1))}`) * (point[0] === 3 ? order - 1n : 1n);
    const secret = mod(
      value(encodePoint(decodePoint(Buffer.from(key.publicKey, "hex")))) * invert(mod(value(encodePoint(generator)))),
    );
    const bytes = Buffer.from(encodeScalar(secret));
    expect(found((tell) => tell.sent({ from: "signer-1", to: "signer-2", bytes }))).toEqual([
      `no-key: the key ${key.keyId} is in a message to signer-2`,
    ]);
  });
});

describe("honest-never-blamed", () => {
  /** Not what is wrong with the evidence of these verdicts. */
  const blamed = (...of: Parameters<typeof found>) => found(...of).filter((one) => one.startsWith("honest-never"));
  const key = () => run.client.asked[0]!.key;
  const node = () => run.simulation.file.nodes[1]!;
  const guilty = (): RecordWrite => {
    const what = { id: "1", at: 0, kind: "share", code: "bad_signature_share", accused: node().name };
    const where = { keyId: Buffer.from(key().keyId, "hex"), executionId: new Uint8Array(16) };
    const value = encode(verdictRecord, { ...what, ...where, document: new Uint8Array() });
    return { kind: "verdict", id: "1", epoch: 0, value };
  };
  const ban = (): RecordWrite => ({ kind: "ban", id: node().publicKey, epoch: 0, value: new Uint8Array(1) });
  const aborted = () => {
    const { executionId } = run.orders("presign")[0]?.value ?? run.orders("signInteractive")[0]!.value;
    return { type: "session.aborted", execution: hex(executionId), code: "bad_proof", waitingFor: [] };
  };

  test("verdicts, bans and accusations of honest nodes are found", () => {
    const accused = blamed((tell) => {
      tell.written("signer-1", [guilty()], "ok");
      tell.written("signer-1", [ban()], "ok");
      tell.event("signer-1", { type: "peer.banned", peer: node().name, code: "failed_check" });
      tell.event("coordinator", { type: "signer.blamed", peer: node().name, reason: "wrong signature share" });
      tell.event("coordinator", { type: "verdict", peer: "signer-3", accused: node().name, guilty: true });
    });
    expect(accused).toHaveLength(5);
    for (const one of accused) expect(one).toMatch(/^honest-never-blamed: signer-2, who is honest, is /);
  });

  test("so are culprits of a session; whom it waited for are none", () => {
    for (const message of run.orders("signInteractive")) run.simulation.observers.sent(message.message);
    const named = blamed((tell) => {
      for (const { message } of [...run.orders("signInteractive"), ...run.orders("presign")]) tell.sent(message);
      tell.event("signer-1", { ...aborted(), culprits: [2] });
      tell.event("signer-1", { ...aborted(), culprits: [], waitingFor: [2] });
    });
    expect(named).toEqual([expect.stringContaining("for bad_proof")]);
  });

  test("what malicious nodes say, and what is said of them, is not", () => {
    const checking = { faulty: new Set(["signer-2"]) };
    const of = blamed((tell) => tell.written("signer-1", [guilty(), ban()], "ok"), checking);
    const by = blamed((tell) => {
      tell.written("signer-2", [{ ...ban(), id: run.simulation.file.nodes[0]!.publicKey }], "ok");
      tell.event("signer-2", { type: "peer.banned", peer: "signer-1", code: "failed_check" });
      tell.event("coordinator", { type: "verdict", peer: "signer-2", accused: "signer-1", guilty: true });
    }, checking);
    expect([of, by]).toEqual([[], []]);
  });
});

describe("agreement", () => {
  test("another certificate of a key is found, and one that does not verify", () => {
    const [{ node, write }, other] = [
      written("certificate")[0]!,
      written("certificate").find((one) => one.write.id !== written("certificate")[0]!.write.id)!,
    ];
    const broken = write.value!.with(100, write.value![100]! ^ 1);
    expect(found((tell) => tell.written(node, [write], "ok"))).toEqual([]);
    const wrong = found((tell) => {
      tell.written(node, [write], "ok");
      tell.written(node, [{ ...write, value: broken }], "ok");
      tell.written(node, [{ ...write, value: other.write.value }], "ok");
    });
    expect(wrong.map((one) => one.slice(0, 40))).toEqual([
      expect.stringContaining("agreement: keeps a certificate of"),
      expect.stringContaining("agreement: keeps the certificate of"),
      expect.stringContaining("agreement: keeps a certificate of"),
      expect.stringContaining("agreement: keeps a certificate of"),
    ]);
  });

  test("a share of an epoch that was left is found", () => {
    const answer = run.outcomes("shares")[0]!;
    const order = run.orders("sign").find(({ message, value }) => {
      return message.to === answer.message.from && hex(value.executionId) === hex(answer.value.executionId);
    })!;
    const { write } = written("certificate").find(({ write: { id } }) => id === hex(order.value.keyId))!;
    const later = found((tell) => {
      tell.written(answer.message.from, [{ ...write, epoch: 5 }], "ok");
      tell.delivered(order.message);
      tell.sent(answer.message);
    });
    expect(later[0]).toContain("keeps the certificate of");
    expect(later.slice(1)).toEqual([expect.stringMatching(/^agreement: signs with epoch 0 .* had epoch 5$/)]);
  });
});

describe("threshold", () => {
  test("shares for a set that is too small, has strangers or somebody twice are found", () => {
    const answer = run.outcomes("ecdsaShares").find(({ value }) => {
      return run.orders("signInteractive").some((one) => hex(one.value.executionId) === hex(value.executionId));
    })!;
    const order = run.orders("signInteractive").find(({ message, value }) => {
      return message.to === answer.message.from && hex(value.executionId) === hex(answer.value.executionId);
    })!;
    const with_ = (signers: readonly number[]) =>
      found((tell) => {
        tell.delivered(run.altered(order, { ...order.value, signers }));
        tell.sent(answer.message);
      });
    expect(with_(order.value.signers)).toEqual([]);
    for (const set of [[1], [1, 1], [1, 7]]) expect(with_(set)).toEqual([expect.stringMatching(/^threshold: /)]);
  });

  test("of a presignature the set counts that its signer was told, and one that is right among several", () => {
    const order = run.orders("signPresigned")[0]!;
    const { to } = order.message;
    const answer = run.outcomes("ecdsaShares").find(({ message, value }) => {
      return message.from === to && hex(value.executionId) === hex(order.value.executionId);
    })!;
    const made = run
      .orders("presign")
      .filter(({ value }) => hex(value.executionId) === hex(order.value.presignatures[0]!));
    const own = made.find(({ message }) => message.to === to)!;
    const other = made.find(({ message }) => message.to !== to)!;
    const small = (of: typeof own) => run.altered(of, { ...of.value, signers: [1] });
    const with_ = (...told: readonly (typeof own.message)[]) =>
      found((tell) => {
        for (const message of [...told, order.message]) tell.delivered(message);
        tell.sent(answer.message);
      });
    expect(with_(own.message, small(own), small(other))).toEqual([]);
    expect(with_(small(own), other.message)).toEqual([expect.stringMatching(/^threshold: .* a set of 1, it takes 2$/)]);
  });

  test("a signature to which too few sent shares is found", () => {
    const asking = run.client.asked[0]!;
    const id = signed(asking).id;
    const orders = run.orders("sign").filter(({ value }) => value.requestId === id);
    const executions = new Set(orders.map(({ value }) => hex(value.executionId)));
    const shares = run.outcomes("shares").filter(({ value }) => executions.has(hex(value.executionId)));
    const told = (count: number) =>
      found((tell) => {
        for (const { message } of orders) {
          tell.sent(message);
          tell.delivered(message);
        }
        for (const { message } of shares.slice(0, count)) tell.sent(message);
        tell.answered(run.client, asking, asking.answers[0]!);
      });
    expect(told(2)).toEqual([]);
    expect(told(1)).toEqual([expect.stringMatching(/^threshold: .*signed by 1 of 2/)]);
  });
});

test("idempotent: another id, another signature or another end of one request is found", () => {
  const [one, two] = run.client.asked.slice(0, 2) as [Asking, Asking];
  const answered = (...oks: object[]) => {
    const all = found((tell) => {
      for (const ok of oks) tell.answered(run.client, one, { ok } as never);
    });
    return all.filter((text) => text.startsWith("idempotent"));
  };
  expect(answered(signed(one), signed(one))).toEqual([]);
  expect(answered(signed(one), { ...signed(one), id: "sig-other" })).toEqual([expect.stringContaining("and was sig-")]);
  expect(answered(signed(one), { ...signed(one), result: signed(two).result })).toHaveLength(1);
  expect(answered(signed(one), { ...signed(one), status: "Failed" })).toHaveLength(1);
});

describe("terminal-failures", () => {
  test("shares in an execution that was stopped are found", () => {
    const { message, value } = run.outcomes("shares")[0]!;
    const stopped = {
      type: "session.aborted",
      execution: hex(value.executionId),
      code: "timeout",
      culprits: [],
      waitingFor: [],
    };
    const after = (node: string) =>
      found((tell) => {
        tell.event(node, stopped);
        tell.sent(message);
      }).filter((one) => one.startsWith("terminal"));
    expect(after(message.from)).toHaveLength(1);
    expect(after("signer-9")).toEqual([]);
  });

  test("another frame for one place of an execution is found, the same again is not", () => {
    const frame = run.sent.find(({ from, to, bytes }) => {
      return (
        !run.simulation.isCoordinator(from) && !run.simulation.isCoordinator(to) && bytes[0] === 0 && bytes.length > 120
      );
    })!;
    // Behind the kind, the length and the head of the frame.
    const changed = { ...frame, bytes: frame.bytes.with(60, frame.bytes[60]! ^ 1) };
    const said = (second: typeof frame) =>
      found((tell) => {
        tell.sent(frame);
        tell.sent(second);
      });
    expect(said(frame)).toEqual([]);
    expect(said(changed)).toEqual([expect.stringMatching(/^terminal-failures: sent signer-\d two frames of round/)]);
  });
});

describe("bounded", () => {
  test("a message that the transport would not take is found", () => {
    const of = (length: number) => {
      const bytes = new Uint8Array(length);
      return found((tell) => tell.sent({ from: "signer-1", to: "signer-2", bytes }), { secrets: false });
    };
    expect(of(2 ** 20)).toEqual([]);
    expect(of(2 ** 20 + 1025)).toEqual([expect.stringMatching(/^bounded: sent signer-2 a message of/)]);
  });

  test("records that others cause without end are found, those that were erased do not count", () => {
    const ban = (at: number, value: Uint8Array | null = new Uint8Array(1)) => ({
      kind: "pair",
      id: `${at}`,
      epoch: 0,
      value,
    });
    const kept = (count: number, erased: number) =>
      found((tell) => {
        for (let at = 0; at < count; at++) tell.written("signer-1", [ban(at)], "ok");
        for (let at = 0; at < erased; at++) tell.written("signer-1", [ban(at, null)], "ok");
        tell.written("signer-1", [ban(99)], "ok");
      });
    expect(kept(2, 0)).toEqual([]);
    expect(kept(3, 1)).toEqual([]);
    expect(kept(3, 0)).toEqual(["bounded: keeps 4 records of pair"]);
    const share = (epoch: number) => ({ ...written("certificate")[0]!.write, epoch });
    const certificates = found((tell) => {
      for (let epoch = 0; epoch < 10; epoch++) tell.written("signer-1", [share(epoch)], "ok");
    });
    expect(certificates.at(-1)).toMatch(/^bounded: keeps 10 records of certificate/);
  });

  test("an audit log that grows by itself is found, one that grows with what is signed is not", () => {
    const entry = { kind: "audit", id: "audit", epoch: 0, value: new Uint8Array(9) };
    const binding = written("binding")[0]!.write;
    const grown = (...batch: RecordWrite[]) =>
      found((tell) => {
        for (let at = 0; at < 200; at++) tell.written("signer-1", batch, "ok");
      });
    expect(grown(entry)[0]).toMatch(/^bounded: has 161 entries/);
    expect(grown(binding, entry)).toEqual([]);
  });
});

describe("bounded, in the tables of signers", () => {
  const empty: SessionLoad = { kept: 0, open: [], parked: { frames: 0, bytes: 0 } };
  function looked(load: Partial<SessionLoad>, ...waits: readonly number[]) {
    const scene = new Scene(run.simulation, [], new Set());
    const tables = new Tables(scene, (node) => (node === "signer-2" ? { ...empty, ...load } : undefined));
    tables.finish();
    for (const ms of waits) {
      run.simulation.timeline.pass(ms);
      tables.finish();
    }
    return scene.violations.map(({ node, text }) => `${node} ${text}`);
  }

  test("too many sessions or parked frames are found", () => {
    expect(looked({ kept: 2048, parked: { frames: 64, bytes: 2 ** 20 } })).toEqual([]);
    expect(looked({ kept: 2049 })).toEqual(["signer-2 keeps 2049 sessions"]);
    expect(looked({ parked: { frames: 65, bytes: 1 } })).toEqual([expect.stringContaining("65 frames of one peer")]);
    expect(looked({ parked: { frames: 1, bytes: 2 ** 20 + 1 } })).toHaveLength(1);
  });

  test("a session that outlives its time is found, unless its signer sleeps", () => {
    const open = [{ execution: "ab", timeoutMs: 500 }];
    expect(looked({ open }, 1400)).toEqual([]);
    expect(looked({ open }, 1400, 200)).toEqual(["signer-2 is in ab for 1600 ms, which may take 500"]);
    run.simulation.machine("signer-2").pause();
    expect(looked({ open }, 1400, 200)).toEqual([]);
    run.simulation.machine("signer-2").resume();
  });

  test("the tables of real signers are looked at", () => {
    for (const signer of run.simulation.signers.values())
      expect(signer.load).toMatchObject({ kept: expect.any(Number), parked: { frames: 0, bytes: 0 } });
  });
});

describe("every-request-ends", () => {
  test("a request without an end is found after its deadline, not before; a coordinator that was down has time again", () => {
    const { simulation, client } = run;
    const open = { ...client.asked[0]!, askedMs: simulation.now, deadlineMs: 5000, endedMs: undefined };
    const asker = { asked: [open] } as never;
    const checkers = [checkersOf(simulation, [asker]), checkersOf(simulation, [asker])];
    const count = () => checkers.map((one) => one.finish().length);
    simulation.timeline.pass(5900);
    expect(count()).toEqual([0, 0]);
    const coordinator = simulation.machine("coordinator");
    coordinator.pause();
    simulation.timeline.pass(200);
    expect(count()).toEqual([0, 0]);
    coordinator.resume();
    simulation.timeline.pass(7900);
    expect(count()).toEqual([0, 0]);
    simulation.timeline.pass(300);
    expect(count()).toEqual([1, 1]);
    expect(checkers[0]!.violations).toMatchObject([{ property: "every-request-ends" }]);
  });
});

test("audit-chain: an entry that is missing or changed is found, and an answer that is not told", () => {
  const machine = run.simulation.machine("signer-1");
  const { disk } = machine;
  const without = (keep: (at: string, count: number) => boolean) => {
    const checkers = checkersOf(run.simulation, [run.client]);
    for (const { message } of [...run.orders("sign")]) run.simulation.observers.delivered(message);
    for (const { message } of run.outcomes("shares")) run.simulation.observers.sent(message);
    let count = 0;
    machine.disk = new Disk(new Map([...disk.image()].filter(([at]) => !at.startsWith("audit ") || keep(at, count++))));
    const all = checkers.finish().filter((one) => one.property === "audit-chain");
    machine.disk = disk;
    return all.map((one) => one.text);
  };
  expect(without(() => true)).toEqual([]);
  expect(without((_, count) => count !== 1)).toEqual([expect.stringContaining("stands where 1 should")]);
  expect(without((_, count) => count < 2)).toEqual([expect.stringContaining("does not tell of")]);
});

test("coverage counts what it is told, adds runs up and names what was never seen", () => {
  const { checkers } = run;
  const before = checkers.coverage["duplicate delivered"] ?? 0;
  const [first, second] = run.orders("sign").filter(({ message }) => message.to === "signer-1");
  const { observers } = run.simulation;
  observers.delivered(second!.message);
  observers.delivered(first!.message);
  expect(checkers.coverage["duplicate delivered"]).toBe(before + 2);
  expect(checkers.coverage["delivered out of order"]).toBeGreaterThan(0);
  expect(missing(merged([{ [COVERED[0]!]: 1 }, { [COVERED[1]!]: 2, [COVERED[0]!]: 1 }]))).toEqual(COVERED.slice(2));
  expect(merged([{ a: 1 }, { a: 2, b: 3 }])).toEqual({ a: 3, b: 3 });
});
