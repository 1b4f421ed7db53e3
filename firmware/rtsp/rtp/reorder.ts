import type { PacketSink } from './packet-sink.ts';

interface Slot {
  extended: number;
  bytes: Buffer;
  length: number;
  timestamp: number;
  marker: boolean;
  arrivalUs: number;
}

const SLOT_BYTES = 2048;

/**
 * Puts packets of a datagram transport back in order. A packet that comes in its turn passes through without a copy; one that
 * comes early is copied and waits until the missing ones arrive, the window is full, or the time is over.
 */
export class ReorderWindow {
  readonly #sink: PacketSink;
  readonly #waitUs: number;
  readonly #slots: Slot[];
  #due = -1;
  #held = 0;
  #heldSinceUs = 0;
  #lost = 0;

  constructor(sink: PacketSink, limits: { packets: number; ms: number }) {
    this.#sink = sink;
    this.#waitUs = limits.ms * 1000;
    this.#slots = Array.from({ length: Math.max(1, limits.packets) }, () => emptySlot());
  }

  /** Packets that wait. */
  get held(): number {
    return this.#held;
  }

  /** Packets given up so far. */
  get lost(): number {
    return this.#lost;
  }

  /** `extended` is the extended sequence number. False if the packet has been there before or comes too late. */
  push(
    extended: number,
    buffer: Buffer,
    start: number,
    end: number,
    timestamp: number,
    marker: boolean,
    arrivalUs: number,
  ): boolean {
    if (this.#due < 0) this.#due = extended;
    if (extended < this.#due) return false;
    if (this.#held > 0) this.poll(arrivalUs);
    if (extended < this.#due) return false;
    while (extended - this.#due >= this.#slots.length && this.#held > 0) this.#skipGap();
    if (extended === this.#due || extended - this.#due >= this.#slots.length) {
      const lost = extended - this.#due;
      this.#due = extended + 1;
      this.#lost += lost;
      this.#sink.packet(buffer, start, end, timestamp, marker, arrivalUs, lost);
      this.#drain();
      return true;
    }
    const slot = this.#slots[extended % this.#slots.length]!;
    if (slot.extended === extended) return false;
    if (slot.bytes.length < end - start) slot.bytes = Buffer.allocUnsafeSlow(Math.max(SLOT_BYTES, end - start));
    slot.length = buffer.copy(slot.bytes, 0, start, end);
    slot.extended = extended;
    slot.timestamp = timestamp;
    slot.marker = marker;
    slot.arrivalUs = arrivalUs;
    if (this.#held++ === 0) this.#heldSinceUs = arrivalUs;
    return true;
  }

  /** Gives up waiting for packets that are overdue. */
  poll(nowUs: number): void {
    while (this.#held > 0 && nowUs - this.#heldSinceUs >= this.#waitUs) this.#skipGap();
  }

  /** Hands on everything that waits; the next packet may have any number. */
  flush(): void {
    while (this.#held > 0) this.#skipGap();
    this.#due = -1;
  }

  #skipGap(): void {
    const due = this.#due;
    while (this.#slots[this.#due % this.#slots.length]!.extended !== this.#due) this.#due++;
    this.#lost += this.#due - due;
    this.#drain(this.#due - due);
  }

  #drain(lostBefore = 0): void {
    let lost = lostBefore;
    while (this.#held > 0) {
      const slot = this.#slots[this.#due % this.#slots.length]!;
      if (slot.extended !== this.#due) break;
      slot.extended = -1;
      this.#held--;
      this.#due++;
      this.#sink.packet(slot.bytes, 0, slot.length, slot.timestamp, slot.marker, slot.arrivalUs, lost);
      lost = 0;
    }
    if (this.#held > 0) this.#heldSinceUs = this.#oldestArrivalUs();
  }

  #oldestArrivalUs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots) if (slot.extended >= 0 && slot.arrivalUs < oldest) oldest = slot.arrivalUs;
    return oldest;
  }
}

function emptySlot(): Slot {
  return { extended: -1, bytes: Buffer.alloc(0), length: 0, timestamp: 0, marker: false, arrivalUs: 0 };
}
