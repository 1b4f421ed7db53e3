/** One track of one session: numbers, RTCP and the losses on the way. */
import { randomInt } from 'node:crypto';
import type { Media } from './description.ts';
import type { Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { patchOrdinal } from './ordinal-sei.ts';
import { FRAMING, type PacketRun, plainRun } from './packetise.ts';
import type { Wire } from './wire.ts';

/** A client this far behind on TCP loses whole pictures, as with a real camera. */
const BACKLOG_LIMIT_BYTES = 8 << 20;
const NTP_EPOCH_S = 2_208_988_800;
const FLOOD_PACKET_BYTES = 1200;

export class Track {
  readonly index: number;
  readonly media: Media;
  readonly wire: Wire;
  readonly ledger = new Ledger();
  receiverReports = 0;
  ssrc = randomInt(2 ** 32);
  #sequence: number;
  #base: number;
  #lastTimestamp = 0;
  #lastTicks = 0;
  #lastSentMs = 0;
  #lastFloodMs = 0;

  constructor(index: number, media: Media, wire: Wire, faults: Readonly<Faults>) {
    this.index = index;
    this.media = media;
    this.wire = wire;
    this.#sequence = faults.firstSequence ?? randomInt(65536);
    this.#base = randomInt(2 ** 32);
  }

  get nextSequence(): number {
    return this.#sequence & 0xffff;
  }

  /** The RTP time stamp of a point on the camera's media clock. */
  timestampOf(ticks: number): number {
    return ((this.#base + Math.round(ticks)) % 2 ** 32) >>> 0;
  }

  /** Makes the time stamp at `ticks` be `timestamp` from now on. */
  rebase(ticks: number, timestamp: number): void {
    this.#base = timestamp - Math.round(ticks);
    while (this.#base < 0) this.#base += 2 ** 32;
  }

  /** Sends one access unit or audio frame, as far as the faults let it. */
  send(run: PacketRun, ticks: number, ordinal: number, faults: Readonly<Faults>): void {
    if (this.wire.backlogBytes > BACKLOG_LIMIT_BYTES || Math.random() < faults.skipRate) {
      this.#sequence += run.starts.length;
      this.ledger.skipped.push(ordinal);
      return;
    }
    if (faults.ssrcEveryGop && run.key && this.media.kind === 'video') this.ssrc = randomInt(2 ** 32);
    const timestamp = this.timestampOf(ticks);
    const blob = Buffer.allocUnsafe(run.blob.length);
    run.blob.copy(blob);
    if (run.ordinalAt >= 0) patchOrdinal(blob, run.ordinalAt, ordinal);
    run.starts.forEach((start, index) => {
      const isStale = faults.staleSets && run.leading[index] === true;
      blob.writeUInt16BE((this.#sequence + index) & 0xffff, start + 2);
      blob.writeUInt32BE(isStale ? this.#lastTimestamp : timestamp, start + 4);
      blob.writeUInt32BE(this.ssrc, start + 8);
    });
    if (faults.foreignPayloads) this.#sendForeign(timestamp);
    this.#sequence += run.starts.length;
    this.#lastTimestamp = timestamp;
    this.#lastTicks = ticks;
    this.#lastSentMs = performance.now();
    this.#handOver(blob, run, ordinal, faults);
  }

  #handOver(blob: Buffer, run: PacketRun, ordinal: number, faults: Readonly<Faults>): void {
    const ledger = this.ledger;
    const starts =
      faults.lossRate + faults.duplicateRate + faults.reorderRate > 0 ? mangle(run.starts, faults) : run.starts;
    const isWhole = starts === run.starts || run.starts.every((start) => starts.includes(start));
    if (isWhole) ledger.sent(ordinal, run.mediaBytes, run.key);
    else ledger.damaged.push(ordinal);
    ledger.packets += starts.length;
    ledger.rtpBytes += blob.length - FRAMING * run.starts.length;
    this.wire.rtp(blob, starts, starts === run.starts);
  }

  /** A packet of payload type 50 that wears the next real packet's numbers. */
  #sendForeign(timestamp: number): void {
    const { blob, starts } = plainRun(Buffer.alloc(64, 0x55), 50, false);
    blob.writeUInt16BE(this.#sequence & 0xffff, starts[0]! + 2);
    blob.writeUInt32BE(timestamp, starts[0]! + 4);
    blob.writeUInt32BE(this.ssrc, starts[0]! + 8);
    this.wire.rtp(blob, starts, true);
  }

  /** As many packets of rubbish as the flood's rate asks for since the last call. */
  flood(flood: { mbit: number; payloadType: number }): void {
    const now = performance.now();
    const elapsedMs = Math.min(200, now - (this.#lastFloodMs || now - 20));
    this.#lastFloodMs = now;
    if (this.wire.backlogBytes > BACKLOG_LIMIT_BYTES) return;
    const count = Math.floor((flood.mbit * 125 * elapsedMs) / FLOOD_PACKET_BYTES);
    const { blob } = plainRun(Buffer.alloc(FLOOD_PACKET_BYTES, 0x2a), flood.payloadType, false);
    const all = Buffer.alloc(blob.length * count);
    const starts: number[] = [];
    for (let index = 0; index < count; index++) {
      const start = index * blob.length + FRAMING;
      blob.copy(all, start - FRAMING);
      all.writeUInt16BE(this.#sequence++ & 0xffff, start + 2);
      all.writeUInt32BE(this.#lastTimestamp, start + 4);
      all.writeUInt32BE(this.ssrc, start + 8);
      starts.push(start);
    }
    this.wire.rtp(all, starts, true);
  }

  /** Sender report and SDES (RFC 3550 6.4.1, 6.5), and a BYE if the camera makes that mistake. */
  senderReport(faults: Readonly<Faults>): void {
    if (this.ledger.packets === 0) return;
    const elapsedS = (performance.now() - this.#lastSentMs) / 1000;
    const ntpS = Date.now() / 1000 + NTP_EPOCH_S + faults.ntpOffsetS;
    const report = Buffer.alloc(28);
    report.writeUInt32BE(0x80c80006, 0);
    report.writeUInt32BE(this.ssrc, 4);
    report.writeUInt32BE(Math.floor(ntpS) >>> 0, 8);
    report.writeUInt32BE(Math.floor((ntpS % 1) * 2 ** 32) >>> 0, 12);
    report.writeUInt32BE(this.timestampOf(this.#lastTicks + elapsedS * this.media.clockRate * faults.clockFactor), 16);
    report.writeUInt32BE(this.ledger.packets >>> 0, 20);
    report.writeUInt32BE(this.ledger.rtpBytes % 2 ** 32, 24);
    const names = Buffer.from([0x81, 202, 0, 3, 0, 0, 0, 0, 1, 3, 0x63, 0x61, 0x6d, 0, 0, 0]);
    names.writeUInt32BE(this.ssrc, 4);
    const parts = [report, names];
    if (faults.byeByMistake) {
      const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 0]);
      bye.writeUInt32BE(this.ssrc, 4);
      parts.push(bye);
    }
    this.wire.rtcp(Buffer.concat(parts), faults.rtcpOnRtpChannel);
  }
}

/** Loses, doubles and swaps packets by chance. */
function mangle(starts: readonly number[], faults: Readonly<Faults>): number[] {
  const kept: number[] = [];
  for (const start of starts) {
    if (Math.random() < faults.lossRate) continue;
    kept.push(start);
    if (Math.random() < faults.duplicateRate) kept.push(start);
  }
  for (let index = 1; index < kept.length; index++) {
    if (Math.random() < faults.reorderRate) [kept[index - 1], kept[index]] = [kept[index]!, kept[index - 1]!];
  }
  return kept;
}
