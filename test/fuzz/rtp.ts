import type { VideoCodec } from '../../firmware/media/index.ts';
import { BitWriter } from '../support/bit-writer.ts';
import type { CaughtFrame, LabOptions } from '../support/rtp-lab.ts';
import { RtpLab, rtpPacket, setsOf, spropOf } from '../support/rtp-lab.ts';
import type { FuzzTarget } from './target.ts';

/**
 * The input is a row of packets: each begins with two bytes, of which the upper four bits say how it goes in and the rest is its
 * length. Raw packets go in as they are; the others get a good RTP header, so that the fuzzer need not find one.
 */
const RAW = 0x8000;
const RTCP = 0x4000;
const MARKER = 0x2000;
const SKIP = 0x1000;
const FRAME_US = 40_000;

/** AAC-LC, 16 kHz, one channel, one unit in an element. */
const LATM_CONFIG = '400028103fc0';

function target(name: string, options: LabOptions, payloads: () => Buffer[]): FuzzTarget {
  return {
    name: `rtp: ${name}`,
    seeds: () => [Buffer.concat(payloads().map((payload) => item(payload, MARKER))), rawSeed(payloads())],
    run: (input) => play(input, options),
  };
}

export const targets: readonly FuzzTarget[] = [
  target('h264', { codec: 'h264', fmtp: spropOf('h264', setsOf('small.h264')) }, () => video('h264')),
  target('h264-udp', { codec: 'h264', reorder: { packets: 8, ms: 50 } }, () => video('h264')),
  target('h265', { codec: 'h265', fmtp: { 'sprop-max-don-diff': '1' } }, () => video('h265')),
  target(
    'h265-udp',
    { codec: 'h265', fmtp: spropOf('h265', setsOf('small-h265.h265')), reorder: { packets: 8, ms: 50 } },
    () => video('h265'),
  ),
  target('aac', { codec: 'aac', clockRate: 16_000, fmtp: { config: '1408' } }, aac),
  target('aac-adts', { codec: 'aac', clockRate: 16_000 }, aac),
  target('latm', { codec: 'aac-latm', clockRate: 16_000, fmtp: { cpresent: '0', config: LATM_CONFIG } }, latm),
  target('latm-in-band', { codec: 'aac-latm', clockRate: 90_000 }, latmInBand),
  target('opus', { codec: 'opus', clockRate: 48_000, channels: 2 }, () => [
    Buffer.alloc(80, 0xfc),
    Buffer.from('0b030102', 'hex'),
    Buffer.from('81ff', 'hex'),
    Buffer.from('00', 'hex'),
  ]),
  target('l16', { codec: 'l16', clockRate: 44_100, channels: 2 }, () => [
    Buffer.from(Array.from({ length: 1200 }, (_, at) => (at * 37) & 255)),
    Buffer.alloc(7, 3),
  ]),
  target('g711-stereo', { codec: 'g711a', channels: 2 }, () => [Buffer.alloc(320, 0xd5), Buffer.alloc(33, 1)]),
  target('g711', { codec: 'g711u' }, () => [Buffer.alloc(160, 0x55), Buffer.alloc(320, 0xaa), Buffer.alloc(1)]),
];

function latm(): Buffer[] {
  const unit = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 13) & 255));
  const whole = Buffer.concat([Buffer.from([255, 45]), unit]);
  return [whole, whole.subarray(0, 100), whole.subarray(100), Buffer.from('0421004c8f', 'hex')];
}

/** The configuration, then an element that says it is the same. */
function latmInBand(): Buffer[] {
  const bits = (...fields: [value: number, count: number][]): Buffer => {
    const writer = new BitWriter();
    for (const [value, count] of fields) writer.bits(value, count);
    return writer.bytes();
  };
  const mux: [number, number][] = [[0, 2], [1, 1], [0, 13], [2, 5], [8, 4], [1, 4], [0, 3], [0, 3], [255, 8], [0, 2]]; // prettier-ignore
  const unit: [number, number][] = [[3, 8], [0x21, 8], [0x4c, 8], [0x8f, 8]]; // prettier-ignore
  return [bits(...mux, ...unit), bits([1, 1], ...unit), bits([1, 1], ...unit)];
}

function item(bytes: Buffer, flags: number): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(flags | Math.min(bytes.length, 0xfff));
  return Buffer.concat([head, bytes.subarray(0, 0xfff)]);
}

function rawSeed(payloads: readonly Buffer[]): Buffer {
  const packets = payloads.map((payload, n) => rtpPacket({ sequence: n, timestamp: n * 3600, payload, marker: true }));
  const report = Buffer.from('80c8000600001234e90000008000000000001000000000050000006481cb000100001234', 'hex');
  return Buffer.concat([...packets.map((packet) => item(packet, RAW)), item(report, RTCP)]);
}

function video(codec: VideoCodec): Buffer[] {
  const sets = setsOf(codec === 'h264' ? 'small.h264' : 'small-h265.h265');
  const others =
    codec === 'h264'
      ? [
          '6588616263',
          '7c8588616263',
          '7c45646566',
          '780003618861000261880000',
          '0605012a80',
          '0000000165886100000161886263',
          '7d810001886161',
        ]
      : [
          '2601a0616263',
          '620193a0616263',
          '620153646566',
          '60010003260161000302016100',
          '4e01050141',
          '00000001260180000001020180',
        ];
  return [...sets, ...others.map((hex) => Buffer.from(hex, 'hex'))];
}

function aac(): Buffer[] {
  return [
    '00100028aabbccddee',
    '00200010001011223344',
    'fff16040017ffcaabbccdd',
    '00100140aabbccdd',
    '00100028fff16040017ffc',
  ].map((hex) => Buffer.from(hex, 'hex'));
}

function play(input: Buffer, options: LabOptions): void {
  const lab = new RtpLab(options);
  let sequence = 0;
  let timestamp = 0;
  let arrivalUs = 0;
  for (let at = 0; at + 2 <= input.length;) {
    const head = input.readUInt16BE(at);
    const bytes = input.subarray(at + 2, at + 2 + (head & 0xfff));
    at += 2 + bytes.length;
    arrivalUs += FRAME_US;
    if ((head & RAW) !== 0) {
      lab.packet(bytes, arrivalUs);
    } else if ((head & RTCP) !== 0) {
      lab.receiver.rtcp(bytes, 0, bytes.length, arrivalUs);
      lab.receiver.receiverReport(arrivalUs);
    } else {
      sequence += (head & SKIP) === 0 ? 1 : 3;
      const marker = (head & MARKER) !== 0;
      lab.packet(rtpPacket({ sequence, timestamp, payload: bytes, marker }), arrivalUs);
      if (marker) timestamp += 3600;
    }
    lab.receiver.poll(arrivalUs);
  }
  const kept = lab.end();
  if (kept !== 0) throw new Error(`${kept} bytes of memory were kept`);
  checkFrames(lab.frames);
}

function checkFrames(frames: readonly CaughtFrame[]): void {
  let before: CaughtFrame | undefined;
  for (const frame of frames) {
    if (!Number.isSafeInteger(frame.dts) || !Number.isSafeInteger(frame.pts))
      throw new Error('a time is no whole number');
    if (frame.dts < 0 || frame.pts < frame.dts) throw new Error(`shown at ${frame.pts}, decoded at ${frame.dts}`);
    const sameScale = before && before.format.timescale === frame.format.timescale;
    if (sameScale && before!.dts >= frame.dts) throw new Error(`decode time ${frame.dts} after ${before!.dts}`);
    if (frame.bytes.length === 0) throw new Error('a frame without bytes');
    if (frame.format.kind === 'video' && frame.nals.some((nal) => nal.length < 4))
      throw new Error('a senseless NAL unit');
    before = frame;
  }
}
