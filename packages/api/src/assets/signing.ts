import {
  addressOn,
  bodyDigest,
  deriveDigests,
  digestsFor,
  encodeSigningRequest,
  filledFor,
  idOf,
  intentOf,
  isOpen,
  needsAdmission,
  onNetwork,
  type PublicKeyFacts,
  type Settings,
  type SignatureForm,
  signatureTarget,
  type Wallet,
} from "@quorate/authority";
import type { KeyRecord, RequestAuthority, RequestRecord } from "@quorate/coordinator";
import { hex, InputError, unhex } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Committed } from "../access/authority.ts";
import type { SignedCall } from "../access/endpoints.ts";
import { fillingFor } from "../chains/fees.ts";
import { nodeFor } from "../chains/json-rpc.ts";
import { ask } from "../routes.ts";
import { scripted } from "./scenarios.ts";

/** Forms by the prefix of the ids of their requests in a log. */
const PREFIX = { signature: "sig", transaction: "tx", transfer: "xfr" } as const;

/** A request for a signature that was taken, as far as it got. */
export interface Taken {
  readonly record: RequestRecord;
  readonly wallet: Wallet | null;
  readonly form: SignatureForm;
}

/**
 * Asks for a signature: whatever can be refused is refused before anything is stored; what a policy holds or counts, and what leaves nonce or
 * fees open, goes to the log first.
 *
 * @throws AuthorityError, InputError
 */
export async function takeSignature(access: Access, { session, action }: SignedCall): Promise<Taken> {
  const { organisation } = session;
  const { method, path, body } = action;
  const { key, wallet, form } = signatureTarget(organisation, path);
  const asked = { method, path, body, assertion: action.proof! };
  const isLogged = needsAdmission(organisation, access.network, asked, access.now());
  const made = access.authority.key(key.id);
  const facts = { suite: made.suite, publicKey: unhex(made.publicKey) };
  const { user, token } = session;
  const requester = { userId: user.id, ...(token === null ? {} : { tokenId: token.id }) };
  const inline = { kind: "inline", organisation: organisation.id, method, path, assertion: action.proof! } as const;
  const about = { keyId: key.id, body, organisation: organisation.id, requester, path, walletId: wallet?.id ?? null };
  const record = await scripted(access, { ...about, authority: inline });
  if (record !== undefined) return { record, wallet, form };
  const transaction = await filled(access, { form, wallet, body }, facts, organisation.settings);
  const authority = isLogged ? await admitted(access, { session, action }, made, { form, transaction }) : inline;
  const call = { keyId: key.id, body, authority, transaction };
  return { record: await ask<RequestRecord>((reply) => access.authority.sign(call, reply)), wallet, form };
}

/** What a user asks for. */
interface Asked {
  readonly form: SignatureForm;
  readonly wallet: Wallet | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The rest of a transaction that its user left open, as the chain stands now. @throws InputError for what nobody can sign */
async function filled(
  access: Access,
  { form, wallet, body }: Asked,
  key: PublicKeyFacts,
  settings: Settings,
): Promise<string | undefined> {
  // What cannot be sent afterwards is not signed either.
  if (form !== "signature" && wallet !== null) nodeFor(access.options.chains, wallet.network);
  const open = intentOf(form, body, wallet, key);
  if (open === undefined || wallet === null) {
    deriveDigests(onNetwork(body, wallet), key);
    return undefined;
  }
  const node = nodeFor(access.options.chains, wallet.network);
  const filling = await fillingFor(node, addressOn(wallet.network, key)!, open.intent, body.priority);
  const transaction = filledFor(form, body, wallet, key, filling)!;
  // What the signers will not sign does not get into the log: there it would use the user's signature up.
  const permitted = { form, wallet, bodyDigest: bodyDigest(body), filled: `0x${hex(transaction)}` };
  digestsFor(permitted, encodeSigningRequest(form, { body, transaction }), key, settings);
  return hex(transaction);
}

/** The request's place in the log: the one that it has by its external id, or a new one. */
async function admitted(
  { authority }: Access,
  { session: { organisation }, action }: SignedCall,
  { id }: KeyRecord,
  { form, transaction }: { readonly form: SignatureForm; readonly transaction: string | undefined },
): Promise<RequestAuthority> {
  const { externalId } = action.body;
  const known = () => {
    if (typeof externalId !== "string") return undefined;
    return [...organisation.requests.values()].find((one) => one.key === id && one.body.externalId === externalId);
  };
  const place = { kind: "admitted", organisation: organisation.id } as const;
  if (known() === undefined) {
    const filled = isOpen(form, action.body) ? { filled: `0x${transaction}` } : {};
    try {
      const { hash } = await ask<Committed>((reply) => authority.act(organisation.id, { ...action, ...filled }, reply));
      return { ...place, requestId: idOf(PREFIX[form], hash) };
    } catch (error) {
      if (known() === undefined) throw error; // else somebody asked for the same at the same time, and was first
    }
  }
  const earlier = known()!;
  if (earlier.path === action.path && sameBody(earlier.body, action.body)) return { ...place, requestId: earlier.id };
  throw new InputError("conflict", `externalId: request ${earlier.id} has it, with another body or another target`, {
    field: "externalId",
    hint: "take a new externalId for a new request",
    details: { duplicate: { id: earlier.id, externalId } },
  });
}

function sameBody(one: object, other: object): boolean {
  return bodyDigest(one) === bodyDigest(other);
}
