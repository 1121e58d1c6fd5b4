import { type DerivedItem, deriveDigests } from "@quorate/authority";
import type { KeyRecord, RequestRecord } from "@quorate/coordinator";
import { hex, type SigningPackage, type SuiteName, unhex, verifyShareStatement } from "@quorate/orders";
import { type Authorised, AuthorisedRequests } from "./authorised.ts";
import type { Answer, Checker, SigningOrder, Speech } from "./checker.ts";
import type { Scene } from "./scene.ts";
import { verifies } from "./verifying.ts";
import type { Property } from "./violation.ts";

/** How long what was to be said may be held back, while something is on its way to the disk, milliseconds. */
const HELD_BACK_MS = 10_000;

/**
 * A1. Every share that an honest signer sends is for what follows from a request that a client authorised, for that key and path, and
 * before its deadline; every signature that a client gets verifies, is for its own request, and is given for one request alone.
 */
export class NoForgery implements Checker {
  readonly property: Property = "no-forgery";
  readonly #scene: Scene;
  readonly #authorised: AuthorisedRequests;
  readonly #derived = new WeakMap<Authorised, readonly DerivedItem[]>();
  /** Which request each signature was given for. */
  readonly #given = new Map<string, string>();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#authorised = new AuthorisedRequests(scene);
  }

  spoke(speech: Speech): void {
    const { node, orders, execution } = speech;
    if (orders.length === 0) return this.#report(node, `sent shares in ${execution}, which nobody ordered`);
    const wrong = orders.map((order) => this.#wrong(order, speech));
    if (wrong.every((one) => one !== undefined)) this.#report(node, `sent shares in ${execution} ${wrong[0]}`);
  }

  answered({ asking, result }: Answer): void {
    if (!("ok" in result) || result.ok.status !== "Signed") return;
    const { ok: record } = result;
    const items = itemsOf(asking.key, asking.body);
    const signatures = signaturesOf(record);
    if (signatures.length !== items.length)
      return this.#report("client", `${record.id}: ${signatures.length} signatures for ${items.length} digests`);
    for (const [at, signature] of signatures.entries()) this.#check(asking.key, record.id, items[at]!, signature);
  }

  #check(key: KeyRecord, request: string, { message, merkleRoot }: DerivedItem, signature: Uint8Array): void {
    const publicKey = unhex(key.publicKey);
    if (!verifies(this.#scene, { suite: key.suite, publicKey, message, merkleRoot, signature }))
      this.#report("client", `${request}: a signature that does not verify under ${key.publicKey}`);
    const name = hex(signature);
    const earlier = this.#given.get(name) ?? request;
    if (earlier !== request) this.#report("client", `${request}: the signature that was given for ${earlier}`);
    this.#given.set(name, request);
  }

  /** Which of several orders shares are an answer to. */
  answeredBy(speech: Speech): SigningOrder | undefined {
    return speech.orders.find((order) => this.#wrong(order, speech) === undefined);
  }

  /** What is wrong with shares as an answer to this order. */
  #wrong(order: SigningOrder, speech: Speech): string | undefined {
    const { node, outcome } = speech;
    const authorised = this.#authorised.find(order);
    if (authorised === undefined) return `for ${hex(order.keyId)}: no user asked for that`;
    const lateMs = this.#scene.machine(node).clock.wall(this.#scene.now) - order.deadline;
    if (lateMs > HELD_BACK_MS) return `${lateMs} ms after the deadline, by its own clock`;
    if (outcome.kind === "ecdsaShares") return undefined;
    const items = this.#itemsOf(authorised);
    if (items.length !== outcome.shares.length)
      return `for ${outcome.shares.length} digests, asked were ${items.length}`;
    const identity = this.#scene.identityOf(node);
    const genuine = outcome.shares.every((share, at) => {
      const answered = packageOf(order, items[at]!, outcome.packages[at], at);
      return answered !== undefined && verifyShareStatement(identity, this.#scene.networkHash, answered, share);
    });
    return genuine ? undefined : "for something else than follows from the request";
  }

  #itemsOf(authorised: Authorised): readonly DerivedItem[] {
    let items = this.#derived.get(authorised);
    if (items === undefined) {
      items = itemsOf(authorised.key, authorised.body);
      this.#derived.set(authorised, items);
    }
    return items;
  }

  #report(node: string, text: string): void {
    this.#scene.report(this.property, node, text);
  }
}

function itemsOf(key: KeyRecord, body: Readonly<Record<string, unknown>>): readonly DerivedItem[] {
  const facts: { suite: SuiteName; publicKey: Uint8Array } = { suite: key.suite, publicKey: unhex(key.publicKey) };
  return deriveDigests(body, facts).items;
}

/** What shares of this order and this item say that they answer. */
function packageOf(
  order: SigningOrder,
  { message, merkleRoot }: DerivedItem,
  shown: SigningPackage | undefined,
  at: number,
): SigningPackage | undefined {
  const { keyId, epoch, path } = order;
  const commitments = order.kind === "sign" ? order.commitments[at] : shown?.commitments;
  return commitments && { keyId, epoch, path, message, merkleRoot, commitments };
}

/** r then s of each signature of an answer. */
export function signaturesOf({ result }: Pick<RequestRecord, "result">): readonly Uint8Array[] {
  const { signature, signatures } = (result ?? {}) as {
    readonly signature?: Parts;
    readonly signatures?: readonly Parts[];
  };
  return (signatures ?? (signature === undefined ? [] : [signature])).map(({ r, s }) => unhex(r.slice(2) + s.slice(2)));
}

interface Parts {
  readonly r: string;
  readonly s: string;
}
