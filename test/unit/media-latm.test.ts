import { spawnSync } from 'node:child_process';
import t from 'tap';
import { parseStreamMuxConfig, readAdts, readLatmElement, type LatmMux } from '../../firmware/media/index.ts';
import { BitWriter } from '../support/bit-writer.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

interface MuxFields {
  readonly version?: 0 | 1;
  readonly sameFraming?: boolean;
  readonly subFrames?: number;
  readonly programs?: number;
  readonly layers?: number;
  readonly fixedBytes?: number;
  readonly otherBits?: number;
}

/** StreamMuxConfig of AAC-LC at 16 kHz, one channel (ISO/IEC 14496-3 table 1.42), written by hand. */
function muxConfig(bits: BitWriter, fields: MuxFields = {}): BitWriter {
  const {
    version = 0,
    sameFraming = true,
    subFrames = 1,
    programs = 1,
    layers = 1,
    fixedBytes,
    otherBits = 0,
  } = fields;
  bits.bits(version, 1);
  if (version === 1) bits.bits(0, 1).bits(0, 2).bits(0xff, 8); // audioMuxVersionA, taraBufferFullness
  bits
    .bits(sameFraming ? 1 : 0, 1)
    .bits(subFrames - 1, 6)
    .bits(programs - 1, 4)
    .bits(layers - 1, 3);
  if (version === 1) bits.bits(0, 2).bits(24, 8); // ascLen: the config and 8 bits of filling
  bits.bits(2, 5).bits(8, 4).bits(1, 4).bits(0, 3);
  if (version === 1) bits.bits(0, 8);
  if (fixedBytes === undefined) bits.bits(0, 3).bits(0xff, 8);
  else bits.bits(1, 3).bits(fixedBytes - 20, 9);
  bits.bits(otherBits > 0 ? 1 : 0, 1);
  if (otherBits > 0 && version === 0) bits.bits(0, 1).bits(otherBits, 8);
  if (otherBits > 0 && version === 1) bits.bits(0, 2).bits(otherBits, 8);
  return bits.bits(0, 1); // no CRC
}

function element(bits: BitWriter, ...units: Buffer[]): Buffer {
  for (const unit of units) {
    for (let left = unit.length; left >= 0; left -= 255) bits.bits(Math.min(left, 255), 8);
    for (const byte of unit) bits.bits(byte, 8);
  }
  return bits.bytes();
}

const unit = (length: number, from = 1): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => (from + at * 7) & 255));

t.test('a configuration of each form', async (t) => {
  for (const version of [0, 1] as const) {
    const plain = parseStreamMuxConfig(muxConfig(new BitWriter(), { version }).bytes());
    t.match(plain, { unitsPerElement: 1, fixedUnitBytes: undefined, otherDataBits: 0 });
    t.equal(plain!.config.toString('hex', 0, 2), '1408', `version ${version}: AAC-LC, 16 kHz, mono`);
    const full = muxConfig(new BitWriter(), { version, subFrames: 3, fixedBytes: 120, otherBits: 9 }).bytes();
    t.match(parseStreamMuxConfig(full), { unitsPerElement: 3, fixedUnitBytes: 120, otherDataBits: 9 });
  }
  t.match(parseStreamMuxConfig(Buffer.from('400024203fc0', 'hex')), { unitsPerElement: 1 }, 'as RFC 6416 shows one');
  const short = parseStreamMuxConfig(Buffer.from('40002810', 'hex'));
  t.match(short, { unitsPerElement: 1, fixedUnitBytes: undefined }, 'as GStreamer writes it, without its end');
  t.equal(short!.config.toString('hex'), '1408');
});

t.test('what cannot be read is refused', async (t) => {
  const refused = (fields: MuxFields): boolean =>
    t.equal(parseStreamMuxConfig(muxConfig(new BitWriter(), fields).bytes()), undefined, JSON.stringify(fields));
  refused({ programs: 2 });
  refused({ layers: 2 });
  refused({ sameFraming: false });
  const whole = muxConfig(new BitWriter()).bytes();
  for (let cut = 0; cut < 3; cut++) t.equal(parseStreamMuxConfig(whole.subarray(0, cut)), undefined, `${cut} bytes`);
});

t.test('elements with the configuration in band, which moves everything off the bytes', async (t) => {
  const bits = new BitWriter().bits(0, 1);
  const first = element(muxConfig(bits, { subFrames: 2 }), unit(300), unit(7));
  const read = readLatmElement(first, undefined, true);
  t.strictSame(read?.units, [unit(300), unit(7)]);
  const next = element(new BitWriter().bits(1, 1), unit(255), unit(254));
  t.strictSame(readLatmElement(next, read!.mux, true)?.units, [unit(255), unit(254)]);
  t.equal(readLatmElement(next, undefined, true), undefined, 'no configuration yet');
  t.equal(readLatmElement(next.subarray(0, -1), read!.mux, true), undefined, 'cut off');
  t.equal(readLatmElement(Buffer.concat([next, Buffer.from([1])]), read!.mux, true), undefined, 'too long');
});

t.test('elements with the configuration in the SDP', async (t) => {
  const mux = parseStreamMuxConfig(muxConfig(new BitWriter(), { otherBits: 8 }).bytes())!;
  const bytes = Buffer.concat([element(new BitWriter(), unit(40)), Buffer.from([0xab])]);
  t.strictSame(readLatmElement(bytes, mux, false)?.units, [unit(40)]);
  const fixed = parseStreamMuxConfig(muxConfig(new BitWriter(), { fixedBytes: 30, subFrames: 2 }).bytes())!;
  t.strictSame(readLatmElement(Buffer.concat([unit(30), unit(30, 9)]), fixed, false)?.units, [unit(30), unit(30, 9)]);
});

t.test('what ffmpeg writes, against the same sound in ADTS', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  for (const [rate, channels] of [
    [8000, 1],
    [48000, 2],
  ] as const) {
    const run = (...more: string[]): Buffer => {
      const source = `sine=sample_rate=${rate}:duration=1`;
      const args = [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        source,
        '-ac',
        `${channels}`,
        '-c:a',
        'aac',
        '-fflags',
        '+bitexact',
      ];
      return spawnSync('ffmpeg', [...args, ...more, 'pipe:1']).stdout;
    };
    const [adts, loas] = [run('-f', 'adts'), run('-f', 'latm')];
    const expected: Buffer[] = [];
    for (let at = 0; at < adts.length;) {
      const header = readAdts(adts, at, adts.length)!;
      expected.push(adts.subarray(at + header.headerBytes, at + header.frameBytes));
      at += header.frameBytes;
    }
    const units: Buffer[] = [];
    let mux: LatmMux | undefined;
    // AudioSyncStream (1.7.2): 11 bits of sync word, 13 of length.
    for (let at = 0; at + 3 <= loas.length;) {
      const length = loas.readUInt16BE(at + 1) & 0x1fff;
      const read = readLatmElement(loas.subarray(at + 3, at + 3 + length), mux, true);
      mux = read?.mux;
      units.push(...(read?.units ?? []));
      at += 3 + length;
    }
    t.ok(expected.length > 5);
    t.strictSame(units, expected, `${rate} Hz, ${channels} channels`);
  }
});
