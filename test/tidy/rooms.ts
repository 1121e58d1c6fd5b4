/** The architecture as data. Arrows point down; a room imports what is listed and nothing else. */
export interface Room {
  /** Rooms, all entries of them, as `@quorate/frost`; or one entry, as `@quorate/frost/aggregate`. */
  readonly may: readonly string[];
  /** Specifiers of which only types may be imported. */
  readonly types?: readonly string[];
  /** Synchronous and free of IO: the banned globals apply. */
  readonly core?: true;
  /** The `node:` modules that a core room may import, with the files (all when absent). */
  readonly node?: Readonly<Record<string, readonly string[] | "all">>;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  curves: { core: true, may: [], node: { "node:crypto": "all", "node:util": ["secret.ts"] } },
  protocol: { core: true, may: ["@quorate/curves"] },
  keygen: { core: true, may: ["@quorate/curves", "@quorate/protocol"] },
  frost: { core: true, may: ["@quorate/curves", "@quorate/protocol"], types: ["@quorate/keygen"] },
  dkls23: { core: true, may: ["@quorate/curves", "@quorate/protocol"], types: ["@quorate/keygen"] },
  orders: { core: true, may: ["@quorate/curves"] },
  authority: { core: true, may: ["@quorate/curves", "@quorate/orders"] },
  blame: {
    core: true,
    may: [
      "@quorate/curves",
      "@quorate/dkls23",
      "@quorate/frost",
      "@quorate/keygen",
      "@quorate/orders",
      "@quorate/protocol",
    ],
  },
  vault: { core: true, may: ["@quorate/curves"], node: { "node:crypto": "all" } },
  signer: {
    core: true,
    may: [
      "@quorate/authority",
      "@quorate/blame",
      "@quorate/curves",
      "@quorate/dkls23",
      "@quorate/frost",
      "@quorate/keygen",
      "@quorate/orders",
      "@quorate/protocol",
      "@quorate/vault",
    ],
  },
  coordinator: {
    core: true,
    may: [
      "@quorate/authority",
      "@quorate/curves",
      "@quorate/dkls23/aggregate",
      "@quorate/frost/aggregate",
      "@quorate/keygen/aggregate",
      "@quorate/orders",
      "@quorate/regions",
    ],
  },
  faults: { core: true, may: ["@quorate/curves", "@quorate/orders", "@quorate/protocol"] },
  regions: { may: [] },
  simulator: {
    core: true,
    may: [
      "@quorate/authority",
      "@quorate/blame",
      "@quorate/coordinator",
      "@quorate/curves",
      "@quorate/faults",
      "@quorate/frost/aggregate",
      "@quorate/keygen",
      "@quorate/orders",
      "@quorate/protocol",
      "@quorate/regions",
      "@quorate/signer",
      "@quorate/vault",
    ],
    node: { "node:crypto": ["trace.ts"] },
  },
  storage: { may: ["@quorate/curves", "@quorate/orders", "@quorate/vault"] },
  transport: { may: ["@quorate/curves", "@quorate/faults", "@quorate/orders", "@quorate/regions"] },
  api: { may: ["@quorate/authority", "@quorate/coordinator", "@quorate/curves", "@quorate/orders"] },
  client: { may: ["@quorate/authority", "@quorate/curves", "@quorate/keygen", "@quorate/orders"] },
  cli: {
    may: [
      "@quorate/api",
      "@quorate/authority",
      "@quorate/blame",
      "@quorate/client",
      "@quorate/coordinator",
      "@quorate/curves",
      "@quorate/faults",
      "@quorate/frost",
      "@quorate/keygen",
      "@quorate/orders",
      "@quorate/protocol",
      "@quorate/regions",
      "@quorate/signer",
      "@quorate/simulator",
      "@quorate/storage",
      "@quorate/transport",
      "@quorate/vault",
    ],
  },
};

/** Packages and entries that only some rooms may open; everyone else goes through the first of them. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  "@noble/curves": ["curves"],
  "libsodium-wrappers-sumo": ["curves"],
  "tiny-secp256k1": ["curves", "cli"], // the command checks signatures with code that is not ours
  "@quorate/faults/coordinator": ["cli", "simulator"], // the command loads it, and the next, only under --allow-faults
  "@quorate/faults/edits": ["cli", "simulator"],
  "@quorate/curves/model": ["simulator"], // crypto without secrets: no process that serves anybody may load it
  "@quorate/orders/observe": ["simulator"], // reads messages without asking who signed them
  "@quorate/signer/observe": ["simulator"],
};
