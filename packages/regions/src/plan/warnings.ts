import { DOMAINS, type Domain, type Seat } from "./candidate.ts";
import { holdings } from "./holders.ts";

/** One region, operator or country that holds more than one should. */
export interface Warning {
  readonly domain: Domain;
  readonly name: string;
  /** How many signers it holds. */
  readonly signers: number;
  /** It holds t: it can sign without anybody. */
  readonly signsAlone: boolean;
  /** It holds n-t+1: without it nothing is signed. */
  readonly blocksAlone: boolean;
}

/** Whoever can sign, or keep the others from signing, alone. */
export function warnings(seats: readonly Seat[], minSigners: number): readonly Warning[] {
  return DOMAINS.flatMap((domain) => {
    return [...holdings(seats, domain)].flatMap(([name, signers]) => {
      const signsAlone = signers >= minSigners;
      const blocksAlone = seats.length - signers < minSigners;
      return signsAlone || blocksAlone ? [{ domain, name, signers, signsAlone, blocksAlone }] : [];
    });
  });
}
