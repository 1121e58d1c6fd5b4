import { encodeSigningRequest, idOf, type LogRecord, parseAssertion } from "@quorate/authority";
import { filledIn, native } from "@quorate/authority/testing";
import { hex, type OrderOf, type SigningAuthority, unhex } from "@quorate/orders";
import { authorityOf, keygenOrder } from "./authorised-orders.ts";
import { forgeOrder, outcomesOf } from "./forged-order.ts";
import { LogKeeper } from "./log-keeper.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** What the user wants: this much, to this address, once. */
export const TRANSFER = native("1000");
/** Two transactions that both are it: a chain executes the one and the other. */
export const FILLINGS = [1n, 2n].map((nonce) => filledIn(TRANSFER, "transfer", { nonce })) as [string, string];

type Inline = Extract<SigningAuthority, { kind: "inline" }>;

/** Two of five sign: sets of them need not share anybody, and no signer is malicious. The coordinator has one transfer that a user signed. */
export class TransferAttack {
  readonly network = new VirtualNetwork({ signers: 5, minSigners: 2, pairs: "stored" });
  readonly keeper = new LogKeeper(this.network);
  readonly path: string;
  /** Of the shares. */
  readonly keyId: Uint8Array;
  /** The user's signature over the transfer. */
  readonly authority: Inline;
  readonly #deadline: number;
  #executions = 0;

  constructor() {
    const { keeper, network } = this;
    const record = keeper.act({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } });
    const order = keygenOrder(keeper, { id: idOf("key", record), record }, { suite: "ecdsa-secp256k1" });
    for (const name of keeper.everybody) forgeOrder(network, name, order, 0);
    network.pass(200);
    this.keyId = unhex(String(network.events.find((event) => event.type === "key.active")!.key));
    network.killCoordinator(); // the tests speak in its place
    this.path = `/wallets/${idOf("wa", record)}/transfers`;
    this.authority = authorityOf(keeper, this.path, TRANSFER);
    this.#deadline = keeper.now + 600_000;
  }

  /** The record that puts the transfer into the log, filled in one way. */
  admission(filled: string): LogRecord {
    const proof = parseAssertion(JSON.parse(new TextDecoder().decode(this.authority.assertion)), "proof");
    const record = this.keeper.next({ method: "POST", path: this.path, body: TRANSFER, filled });
    return { ...record, action: { ...record.action, proof } };
  }

  /** Orders a set to sign one of the fillings. @returns what each said: `ecdsaShares`, or the code of its refusal */
  order(signers: readonly number[], filled: string, authority: SigningAuthority): readonly string[] {
    const { network } = this;
    const { head } = this.keeper;
    const order: OrderOf<"signInteractive"> = {
      ...{ kind: "signInteractive", requestId: "xfr-test", keyId: this.keyId, epoch: 0, path: [], signers },
      ...{ executionId: new Uint8Array(16).fill(++this.#executions), deadline: this.#deadline },
      request: encodeSigningRequest("transfer", { body: TRANSFER, transaction: unhex(filled.slice(2)) }),
      authority: { ...authority, head },
    };
    const names = signers.map((one) => `signer-${one}`);
    const before = names.map((name) => outcomesOf(network, name).length);
    for (const name of names) forgeOrder(network, name, order, 0);
    network.pass(5000);
    return names.map((name, at) => {
      const said = outcomesOf(network, name).slice(before[at]);
      const answer = said.find((one) => "executionId" in one && hex(one.executionId) === hex(order.executionId));
      return answer?.kind === "refused" ? answer.code : (answer?.kind ?? "nothing");
    });
  }
}
