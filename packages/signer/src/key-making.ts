import type { Identity } from "@quorate/curves";
import { decodeKeyShare, judge, KEYGEN_ROUNDS, keygen, keygenContext } from "@quorate/keygen";
import { hex, type NodeId, type OrderOf, type Waits, type World } from "@quorate/orders";
import { Abort } from "@quorate/protocol";
import { Refused } from "./admission.ts";
import type { Behaviour } from "./config.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Sessions } from "./sessions.ts";
