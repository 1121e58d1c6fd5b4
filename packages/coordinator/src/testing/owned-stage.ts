import type { Organisation } from "@quorate/authority";
import { challengeFor, genesisRecord, TestUser } from "@quorate/authority/testing";
import type { KeyRecord, RequestRecord } from "../records.ts";
import type { Reply } from "../reply.ts";
import { Stage } from "./stage.ts";

/** What a log says of a key. */
type Named = Pick<KeyRecord, "id" | "scheme" | "curve" | "name" | "derivedFrom">;

/** A stage whose keys are an organisation's, as if its log had named them. */
export class OwnedStage extends Stage {
  readonly admin: TestUser;

  constructor(keys: readonly KeyRecord[], roundTrips?: readonly number[]) {
    const admin = new TestUser();
    super(keys, roundTrips, [genesisRecord(admin, 1_789_999_990_000)]);
    this.admin = admin;
    for (const key of keys) this.own(key);
  }

  get organisation(): Organisation {
    return this.coordinator.organisations()[0]!;
  }

  /** The log names a key. */
  own({ id, scheme, curve, name, derivedFrom }: Named): void {
    const { keys, users } = this.organisation;
    const [creator = ""] = users.keys();
    keys.set(id, {
      ...{ id, record: "00".repeat(32), scheme, curve, minSigners: null, name, creator, derivedFrom },
      ...{ delegatedTo: null, delayDelegation: false, imported: false, causes: new Map() },
      ...{ exportedAt: null, archivedAt: null, created: 0 },
    });
  }

  /** Has the admin ask for a signature. */
  sign({ id: keyId }: Pick<KeyRecord, "id">, body: Readonly<Record<string, unknown>>, reply: Reply<RequestRecord>) {
    const asked = { method: "POST", path: `/keys/${keyId}/signatures`, body } as const;
    const assertion = this.admin.assert(challengeFor(this.organisation, "stage", asked, this.wallNow));
    const { method, path } = asked;
    const authority = { kind: "inline", organisation: this.organisation.id, method, path, assertion } as const;
    this.coordinator.sign({ keyId, body, authority }, reply);
  }
}
