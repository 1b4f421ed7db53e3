/**
 * What comes after the header of a packet: packets of one track in order, `lost` of them missing before this one. The payload
 * lies in a shared read buffer and must be copied by whoever needs it later.
 */
export interface PacketSink {
  packet(
    buffer: Buffer,
    start: number,
    end: number,
    timestamp: number,
    marker: boolean,
    arrivalUs: number,
    lost: number,
  ): void;
}

/** Turns packets into frames. `poll` does what time makes due, `flush` gives out what is complete enough, `dispose` lets go of all memory. */
export interface Depacketiser extends PacketSink {
  poll(nowUs: number): void;
  flush(): void;
  dispose(): void;
}
