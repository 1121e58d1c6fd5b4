/** Where below a key a child lies: the indices from the key down, none of them hardened. Empty for the key itself. */
export type DerivationPath = readonly number[];

/** The most levels below a key. */
const MAX_LEVELS = 10;
const FIRST_HARDENED = 2 ** 31;
/** Ten digits, a mark and a slash a level. */
const MAX_TEXT_LENGTH = 1 + 12 * MAX_LEVELS;

/** @throws RangeError unless there are at most 10 indices, each a whole number below 2^31 */
export function checkPath(path: DerivationPath): void {
  if (path.length > MAX_LEVELS) throw new RangeError(`a path has at most ${MAX_LEVELS} levels, not ${path.length}`);
  for (const index of path) {
    if (!Number.isInteger(index) || index < 0 || index >= FIRST_HARDENED) {
      throw new RangeError(`an index is a whole number below 2^31, not ${index}: those above are hardened`);
    }
  }
}

function indexOf(level: string): number {
  const [, digits, mark] = /^(0|[1-9][0-9]*)(['hH]?)$/.exec(level) ?? [];
  if (digits === undefined) throw new RangeError("a path is written m/44/60/0: whole numbers without leading zeros");
  if (mark !== "") {
    throw new RangeError(
      `${level} is hardened, which takes the whole private key, and nobody has that: leave the mark out for an ordinary child`,
    );
  }
  return Number(digits);
}

/**
 * Reads a path such as `m/44/60/0`; the leading `m/` may be left out, and `m` alone is the key itself.
 *
 * @throws RangeError for hardened indices (`'` or `h`), indices from 2^31 on, more than 10 levels and anything else
 */
export function parsePath(text: string): DerivationPath {
  if (text.length > MAX_TEXT_LENGTH) throw new RangeError(`a path has at most ${MAX_LEVELS} levels`);
  const levels = text.split("/");
  const path = (levels[0] === "m" ? levels.slice(1) : levels).map(indexOf);
  checkPath(path);
  return path;
}

/** The one text of a path, such as `m/44/60/0`. @throws RangeError for what is no path */
export function formatPath(path: DerivationPath): string {
  checkPath(path);
  return ["m", ...path].join("/");
}
