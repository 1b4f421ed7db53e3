import t from 'tap';
import type { VideoCodec } from '../../firmware/media/index.ts';
import { RtpLab, rtpPacket, seeded, setsOf, spropOf } from '../support/rtp-lab.ts';

interface Picture {
  readonly key: boolean;
  readonly timestamp: number;
  readonly nals: Buffer[];
}

interface Sent {
  readonly bytes: Buffer;
  readonly picture: number;
  readonly arrivalUs: number;
}

type Random = (below: number) => number;

/** Contents without zeros, so that nothing looks like a start code. */
function filled(head: number[], size: number, random: Random): Buffer {
  return Buffer.from([...head, ...Array.from({ length: size }, () => 1 + random(255))]);
}

function pictures(codec: VideoCodec, count: number, random: Random): Picture[] {
  const first = random(2) === 0 ? 0xffff_0000 : random(0xffff_ffff);
  return Array.from({ length: count }, (_, n) => {
    const key = n % 10 === 0;
    const slices = 1 + (random(3) === 0 ? random(4) : 0);
    const nals = Array.from({ length: slices }, (_unused, index) => {
      const flag = index === 0 ? 0x80 | random(128) : 1 + random(127);
      const head = codec === 'h264' ? [key ? 0x65 : 0x41] : [key ? 0x26 : 0x02, 0x01];
      return filled([...head, flag], random(random(4) === 0 ? 6000 : 300), random);
    });
    if (random(3) === 0) nals.unshift(filled(codec === 'h264' ? [6, 5] : [0x4e, 1, 5], 3 + random(30), random));
    return { key, timestamp: (first + n * 3600) >>> 0, nals };
  });
}

/** Payloads of a picture: aggregates of small units, fragments of large ones. */
function packetise(codec: VideoCodec, nals: Buffer[], mtu: number, random: Random): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < nals.length;) {
    let to = at;
    for (let bytes = 2; to < nals.length && bytes + nals[to]!.length + 2 <= mtu; to++) bytes += nals[to]!.length + 2;
    if (to - at >= 2 && random(2) === 0) {
      const parts = nals.slice(at, to).flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 0xff]), nal]);
      payloads.push(Buffer.concat([Buffer.from(codec === 'h264' ? [0x78] : [0x60, 0x01]), ...parts]));
      at = to;
    } else {
      payloads.push(...fragments(codec, nals[at]!, mtu));
      at++;
    }
  }
  return payloads;
}

function fragments(codec: VideoCodec, nal: Buffer, mtu: number): Buffer[] {
  if (nal.length <= mtu) return [nal];
  const header = codec === 'h264' ? 1 : 2;
  const room = mtu - header - 1;
  const out: Buffer[] = [];
  for (let at = header; at < nal.length; at += room) {
    const flags = (at === header ? 0x80 : 0) | (at + room >= nal.length ? 0x40 : 0);
    const head =
      codec === 'h264'
        ? [(nal[0]! & 0xe0) | 28, flags | (nal[0]! & 0x1f)]
        : [(nal[0]! & 0x81) | (49 << 1), nal[1]!, flags | ((nal[0]! >> 1) & 0x3f)];
    out.push(Buffer.concat([Buffer.from(head), nal.subarray(at, at + room)]));
  }
  return out;
}

function send(codec: VideoCodec, all: Picture[], random: Random): Sent[] {
  const mtu = 60 + random(1400);
  let sequence = random(65_536);
  return all.flatMap((picture, index) => {
    const payloads = packetise(codec, picture.nals, mtu, random);
    return payloads.map((payload, n) => {
      let bytes = rtpPacket({
        sequence: sequence++,
        timestamp: picture.timestamp,
        payload,
        marker: n === payloads.length - 1,
      });
      if (random(5) === 0) {
        const padding = 1 + random(8);
        bytes = Buffer.concat([bytes, Buffer.alloc(padding - 1), Buffer.from([padding])]);
        bytes[0]! |= 0x20;
      }
      return { bytes, picture: index, arrivalUs: index * 40_000 + n };
    });
  });
}

const SETS = { h264: setsOf('small.h264'), h265: setsOf('small-h265.h265') };

function labOf(codec: VideoCodec, random: Random, reorder?: { packets: number; ms: number }): RtpLab {
  const blockBytes = 64 + random(5000);
  return new RtpLab({ codec, fmtp: spropOf(codec, SETS[codec]), blockBytes, ...(reorder && { reorder }) });
}

const hex = ({ nals }: Picture): string[] => nals.map((nal) => nal.toString('hex'));

for (const codec of ['h264', 'h265'] as const) {
  t.test(`${codec}: what was cut into packets comes out as it was`, (t) => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seeded(seed);
      const all = pictures(codec, 30, random);
      const lab = labOf(codec, random);
      for (const { bytes, arrivalUs } of send(codec, all, random)) {
        lab.packet(bytes, arrivalUs);
        if (random(20) === 0) lab.packet(bytes, arrivalUs);
      }
      lab.receiver.flush();
      if (lab.units.join('/') !== all.map(hex).join('/')) t.strictSame(lab.units, all.map(hex), `seed ${seed}`);
      t.same(
        lab.frames.map(({ key }) => key),
        all.map(({ key }) => key),
      );
      t.same(
        lab.frames.map(({ pts }) => pts),
        all.map((_, n) => n * 3600),
      );
      t.equal(lab.end(), 0);
    }
    t.end();
  });

  t.test(`${codec}: lost packets cost no more than their units, and are counted`, (t) => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seeded(1000 + seed);
      const all = pictures(codec, 40, random);
      const lab = labOf(codec, random);
      const packets = send(codec, all, random);
      const hurt = new Set<number>();
      let lost = 0;
      packets.forEach(({ bytes, picture, arrivalUs }, n) => {
        if (picture > 0 && n < packets.length - 1 && random(15) === 0) {
          lost++;
          hurt.add(picture);
        } else {
          lab.packet(bytes, arrivalUs);
        }
      });
      lab.receiver.flush();
      t.equal(lab.receiver.stats.lost, lost, `seed ${seed}`);
      const told = lab.frames.reduce((sum, { lostBefore }) => sum + lostBefore, 0);
      if (hurt.has(all.length - 1)) t.ok(told <= lost, 'losses behind the last frame are in no count');
      else t.equal(told, lost);
      const byTime = new Map(lab.frames.map((frame) => [Math.round(frame.pts / 3600), frame.nals]));
      all.forEach((picture, index) => {
        const got = byTime.get(index);
        if (!hurt.has(index)) {
          if (got?.join() !== hex(picture).join())
            t.strictSame(got, hex(picture), `whole picture ${index}, seed ${seed}`);
        } else if (got?.some((nal) => !hex(picture).includes(nal))) {
          t.fail(`picture ${index} holds a damaged unit, seed ${seed}`);
        }
      });
      t.equal(lab.end(), 0);
    }
    t.end();
  });

  t.test(`${codec}: packets in disorder are put right again`, (t) => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seeded(2000 + seed);
      const all = pictures(codec, 30, random);
      const lab = labOf(codec, random, { packets: 32, ms: 1000 });
      const packets = send(codec, all, random).map((packet, n) => ({ ...packet, at: n === 0 ? -1 : n + random(12) }));
      packets.sort((a, b) => a.at - b.at);
      for (const { bytes, arrivalUs } of packets) lab.packet(bytes, arrivalUs);
      lab.receiver.flush();
      if (lab.units.join('/') !== all.map(hex).join('/')) t.strictSame(lab.units, all.map(hex), `seed ${seed}`);
      t.equal(lab.receiver.stats.lost, 0);
      t.equal(lab.end(), 0);
    }
    t.end();
  });
}
