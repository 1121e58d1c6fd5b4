import type { Stream } from "@libp2p/interface";
import { StreamState, YamuxStream } from "@libp2p/yamux/stream";

/** What a stream keeps to itself of its window, bytes. */
interface Window {
  readonly recvWindow: number;
  /** How much of it is left. */
  readonly recvWindowCapacity: number;
}

/**
 * Has a stream renew its window once half of it is used, as other implementations of yamux do. This one renews it after each frame: a
 * packet back for each that comes, which both sides seal, send and read before the message is looked at.
 */
export function renewByHalves(stream: Stream): void {
  if (!(stream instanceof YamuxStream)) return;
  const renew = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    const { recvWindow, recvWindowCapacity } = stream as unknown as Window;
    if (stream.state !== StreamState.Established || recvWindowCapacity < recvWindow / 2) renew();
  };
}
