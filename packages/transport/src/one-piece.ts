import type { ConnectionEncrypter, MessageStream } from "@libp2p/interface";

/**
 * Has an encrypter give the socket each message in one piece. Noise gives it up to four, the length, the header, the text and the tag, and
 * each would be a packet of its own that wakes the peer.
 */
export function inOnePiece<Components>(
  encrypters: (components: Components) => ConnectionEncrypter,
): (components: Components) => ConnectionEncrypter {
  return (components) => {
    const encrypter = encrypters(components);
    const { secureInbound, secureOutbound } = encrypter;
    encrypter.secureInbound = (socket, options) => secureInbound.call(encrypter, joined(socket), options);
    encrypter.secureOutbound = (socket, options) => secureOutbound.call(encrypter, joined(socket), options);
    return encrypter;
  };
}

function joined<S extends MessageStream>(socket: S): S {
  const { send } = socket;
  socket.send = (data) => send.call(socket, data.subarray());
  return socket;
}
