import type { LoggedAction, Organisation } from "@quorate/authority";
import { type Asked, challengeFor, type TestUser } from "@quorate/authority/testing";
import type { Committed, KeyRecord, RequestAuthority, RequestRecord, Result } from "@quorate/coordinator";
import { START_MS, type VirtualNetwork } from "./virtual-network.ts";

type Signer = Pick<TestUser, "assert">;

/** What users of a virtual network's organisation ask of its coordinator, signed as they would. */
export class Users {
  readonly network: VirtualNetwork;
  readonly id: string;

  constructor(network: VirtualNetwork) {
    this.network = network;
    this.id = network.coordinator.organisations()[0]!.id;
  }

  get state(): Organisation {
    return this.network.coordinator.organisation(this.id);
  }

  action(asked: Asked, by: Signer = this.network.admin): LoggedAction {
    const { method, path, body = {}, ...filled } = asked;
    return { method, path, body, proof: by.assert(this.#challenge(asked)), endorsement: null, ...filled };
  }

  act(asked: Asked, by: Signer = this.network.admin): Result<Committed> {
    const action = this.action(asked, by);
    return this.network.finished((reply) => this.network.coordinator.act(this.id, action, reply));
  }

  /** A key that the log names, and that the signers made. @throws whatever is refused */
  key(body: Readonly<Record<string, unknown>> = { scheme: "EdDSA", curve: "ed25519" }): KeyRecord {
    const acted = this.act({ method: "POST", path: "/keys", body });
    if ("error" in acted) throw acted.error;
    const made = this.made([...this.state.keys.keys()].at(-1)!);
    if ("error" in made) throw made.error;
    this.network.pass(10);
    return made.ok;
  }

  made(id: string): Result<KeyRecord> {
    return this.network.finished((reply) => this.network.coordinator.makeKey(this.id, id, {}, reply));
  }

  authority(
    key: Pick<KeyRecord, "id">,
    body: Readonly<Record<string, unknown>>,
    by: Signer = this.network.admin,
  ): RequestAuthority & { readonly kind: "inline" } {
    const asked = { method: "POST", path: `/keys/${key.id}/signatures`, body } as const;
    const { method, path } = asked;
    return { kind: "inline", organisation: this.id, method, path, assertion: by.assert(this.#challenge(asked)) };
  }

  sign(
    key: KeyRecord,
    body: Readonly<Record<string, unknown>>,
    by: Signer = this.network.admin,
  ): Result<RequestRecord> {
    const authority = this.authority(key, body, by);
    return this.network.finished((reply) => this.network.coordinator.sign({ keyId: key.id, body, authority }, reply));
  }

  #challenge(asked: Asked): string {
    return challengeFor(this.state, this.network.file.networkId, asked, START_MS + this.network.now);
  }
}
