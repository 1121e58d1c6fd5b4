/**
 * A source of random bytes. Everything random in the core comes through a value of this type, so that a seeded run
 * replays and a real run uses the operating system's generator.
 *
 * @param length number of bytes wanted
 */
export type Random = (length: number) => Uint8Array;
