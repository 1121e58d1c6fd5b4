/** What a transport counts, since its start. */
export function newCounters() {
  return {
    messagesSent: 0,
    bytesSent: 0,
    messagesReceived: 0,
    bytesReceived: 0,
    /** Frames lost because the peer was not connected, or went away before they had left. */
    lostDisconnected: 0,
    /** Messages lost because too much was waiting for the peer. */
    lostOverflow: 0,
    /** Messages of ours above the limit. */
    lostOversized: 0,
    /** Frames lost to fault rules. */
    lostByRule: 0,
    linksOpened: 0,
    linksLost: 0,
    /** Links given up because nothing was heard. */
    linksSilent: 0,
    /** Links ended because the peer broke the framing or the order of frames. */
    protocolErrors: 0,
    /** Connections refused at the gate: not a node of the network. */
    strangersRefused: 0,
    /** Nodes of the network refused: at the gate, for the protocol they opened, or at the hello, by either side. */
    peersRefused: 0,
  };
}

export type Counters = ReturnType<typeof newCounters>;
