/** Bits of a scalar: base OTs per direction, rows of the extension. */
export const KAPPA = 256;
/** Choice bits of a multiplication: KAPPA and twice 128 bits of slack against selective failure. */
export const XI = 512;
/** Bits of the field in which the extension is checked. */
export const SIGMA = 128;
/** Blocks of SIGMA bits in XI. */
export const BLOCKS = XI / SIGMA;
/** Bits of a row of the extension: the choice bits and SIGMA more, which mask the check. */
export const ROW_BITS = XI + SIGMA;
export const ROW_BYTES = ROW_BITS / 8;
export const FIELD_BYTES = SIGMA / 8;
/** A column of the extension: one bit of every row. */
export const COLUMN_BYTES = KAPPA / 8;
