import type { Backend } from "@quorate/curves";

/** How many oblivious transfers there are, and of what. All lengths follow from it. */
export interface OtParameters {
  /** kappa: base OTs per direction, rows of the extension. A multiple of 32. */
  readonly kappa: number;
  /** xi: choice bits of a multiplication. A multiple of 32. */
  readonly xi: number;
  /** Blocks of sigma bits that hold them. */
  readonly blocks: number;
  /** Of a row of the extension: these blocks and sigma bits more, which mask the check. */
  readonly rowBytes: number;
  /** Of a column of the extension: one bit of every row. */
  readonly columnBytes: number;
}

/** sigma: bits of the field in which the extension is checked. */
export const SIGMA = 128;
export const FIELD_BYTES = SIGMA / 8;

function parameters(kappa: number, xi: number): OtParameters {
  const blocks = Math.ceil(xi / SIGMA);
  return { kappa, xi, blocks, rowBytes: ((blocks + 1) * SIGMA) / 8, columnBytes: kappa / 8 };
}

/** As many as a scalar has bits; as choice bits these and twice 128 bits of slack against selective failure. */
const REAL = parameters(256, 512);
/** UNSAFE: so few that they can be guessed. */
const MODEL = parameters(32, 32);

/** Those for pairs and keys of that backend. */
export function otParameters(backend: Backend): OtParameters {
  return backend === "model" ? MODEL : REAL;
}
