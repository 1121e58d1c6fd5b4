export { type PeerMessage, peerMessage } from "./peer-message.ts";
