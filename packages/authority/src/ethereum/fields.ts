/** RLP: bytes, or a list of such items. */
export type Item = Uint8Array | readonly Item[];

/** A field of a transaction. */
export interface Field {
  readonly name: string;
  /** What it has to be, for a refusal. */
  readonly form: string;
  fits(item: Item): boolean;
}

function isBytes(item: Item | undefined): item is Uint8Array {
  return item instanceof Uint8Array;
}

function isQuantity(item: Item | undefined, maxBytes: number): boolean {
  return isBytes(item) && item.length <= maxBytes && item[0] !== 0;
}

function isSized(item: Item | undefined, length: number): boolean {
  return isBytes(item) && item.length === length;
}

function isListOf(item: Item | undefined, fits: (item: Item) => boolean): item is readonly Item[] {
  return item !== undefined && !isBytes(item) && item.every(fits);
}

/** A list of exactly these. */
function isTuple(item: Item, ...fits: readonly ((item: Item) => boolean)[]): boolean {
  return !isBytes(item) && item.length === fits.length && fits.every((each, at) => each(item[at]!));
}

const quantity = (name: string, maxBytes: number): Field => ({
  name,
  form: `a number of at most ${maxBytes} bytes without leading zeros`,
  fits: (item) => isQuantity(item, maxBytes),
});

const none = (name: string): Field => ({ name, form: "empty", fits: (item) => isSized(item, 0) });

const isAddress = (item: Item): boolean => isSized(item, 20);
const isWord = (item: Item): boolean => isSized(item, 32);

/** EIP-2294 keeps chain ids below 2^63, so that the v of a signature has room. */
const chainId: Field = {
  name: "chainId",
  form: "the number of a chain, at least 1 and below 2^63, without leading zeros",
  fits: (item) => isQuantity(item, 8) && isBytes(item) && item.length > 0 && (item.length < 8 || item[0]! < 0x80),
};
const recipient: Field = { name: "to", form: "an address of 20 bytes", fits: isAddress };
const recipientOrNone: Field = {
  name: "to",
  form: "an address of 20 bytes, or empty to create a contract",
  fits: (item) => isAddress(item) || isSized(item, 0),
};
const data: Field = { name: "data", form: "bytes", fits: isBytes };
const accessList: Field = {
  name: "accessList",
  form: "a list of addresses, each with a list of keys of 32 bytes",
  fits: (item) => isListOf(item, (one) => isTuple(one, isAddress, (keys) => isListOf(keys, isWord))),
};
/** EIP-4844: at least one, each made from a KZG commitment (version 1). */
const blobHashes: Field = {
  name: "blobVersionedHashes",
  form: "a list of at least one hash of 32 bytes that starts with 01",
  fits: (item) => isListOf(item, (one) => isBytes(one) && isWord(one) && one[0] === 1) && item.length > 0,
};
/** EIP-7702: at least one; 0 as chain means all of them. */
const authorizationList: Field = {
  name: "authorizationList",
  form: "a list of at least one authorization: chain, address, nonce, parity, r and s",
  fits: (item) => isListOf(item, isAuthorization) && item.length > 0,
};

function isAuthorization(item: Item): boolean {
  const number = (maxBytes: number) => (one: Item) => isQuantity(one, maxBytes);
  return isTuple(item, number(32), isAddress, number(8), number(1), number(32), number(32));
}

const nonce = quantity("nonce", 8);
const gas = quantity("gas", 8);
const value = quantity("value", 32);
const gasPrice = quantity("gasPrice", 32);
const fees = [quantity("maxPriorityFeePerGas", 32), quantity("maxFeePerGas", 32)] as const;

/** A transaction without a type: EIP-155 puts the chain and two empty numbers where the signature will be. */
export const LEGACY_FIELDS: readonly Field[] = [nonce, gasPrice, gas, recipientOrNone, value, data];
export const LEGACY_CHAIN: readonly Field[] = [chainId, none("r"), none("s")];

/** Transactions that start with a type (EIP-2718), unsigned: EIP-2930, 1559, 4844 (the payload, without blobs) and 7702. */
export const TYPED_FIELDS: Readonly<Record<number, readonly Field[]>> = {
  1: [chainId, nonce, gasPrice, gas, recipientOrNone, value, data, accessList],
  2: [chainId, nonce, ...fees, gas, recipientOrNone, value, data, accessList],
  3: [chainId, nonce, ...fees, gas, recipient, value, data, accessList, quantity("maxFeePerBlobGas", 32), blobHashes],
  4: [chainId, nonce, ...fees, gas, recipient, value, data, accessList, authorizationList],
};
