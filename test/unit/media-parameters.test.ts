import t from 'tap';
import { parseH264Pps, parseH264Sps } from '../../firmware/media/codec/h264.ts';
import { parseH265Sps, parseH265Vps } from '../../firmware/media/codec/h265.ts';
import { VideoParameters } from '../../firmware/media/index.ts';
import { h264Pps, h264Slice, h264Sps, h265Pps, h265Sps, h265Vps } from '../support/parameter-sets.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);

function h264(...sets: Buffer[]): VideoParameters {
  const parameters = new VideoParameters('h264');
  for (const set of sets) parameters.feed(set);
  return parameters;
}

t.test('a format stands once all sets are there, in any order', async (t) => {
  const parameters = new VideoParameters('h264');
  t.equal(parameters.format(), undefined);
  t.equal(parameters.feed(h264Pps()), 'changed');
  t.equal(parameters.format(), undefined, 'a PPS alone is not enough');
  t.equal(parameters.feed(h264Sps()), 'changed');
  t.match(parameters.format(), { width: 640, height: 480, rfc6381: 'avc1.4D001F', codec: 'h264' });

  const hevc = new VideoParameters('h265');
  for (const set of [h265Pps(), h265Sps()]) hevc.feed(set);
  t.equal(hevc.format(), undefined, 'H.265 needs a VPS too');
  hevc.feed(h265Vps());
  t.match(hevc.format(), { width: 640, height: 368, rfc6381: 'hvc1.1.6.L93.B0', codec: 'h265' });
});

t.test('repeated sets change nothing and give the same object', async (t) => {
  const parameters = h264(h264Sps({ timeScale: 50 }), h264Pps());
  const format = parameters.format();
  t.equal(format?.nominalFps, 25);
  for (const set of [h264Sps({ timeScale: 50 }), h264Pps()]) t.equal(parameters.feed(set), 'same');
  t.equal(parameters.format(), format);
});

t.test('only timing or bit rate different: the same format', async (t) => {
  const parameters = h264(h264Sps({ timeScale: 50, bitRate: 1000 }), h264Pps());
  const format = parameters.format();
  for (let rate = 0; rate < 20; rate++) {
    t.equal(parameters.feed(h264Sps({ timeScale: 50 + rate, bitRate: 1000 + rate * 77 })), 'same');
  }
  t.equal(parameters.feed(h264Sps()), 'same', 'no VUI at all');
  t.equal(parameters.format(), format);

  const hevc = new VideoParameters('h265');
  for (const set of [h265Vps(30), h265Sps({ timeScale: 25 }), h265Pps()]) hevc.feed(set);
  const before = hevc.format();
  for (const set of [h265Vps(25), h265Vps(), h265Sps({ timeScale: 12 }), h265Sps()]) t.equal(hevc.feed(set), 'same');
  t.equal(hevc.format(), before);
});

t.test('what a decoder needs different: another format', async (t) => {
  const base = { timeScale: 50, reorder: 0 };
  const first = h264(h264Sps(base), h264Pps()).format()!;
  for (const [what, fields] of Object.entries({
    size: { macroblocksAcross: 80 },
    level: { level: 40 },
    profile: { profile: 66 },
    'frame numbers': { log2MaxFrameNum: 8 },
    reordering: { reorder: 2 },
  })) {
    const parameters = h264(h264Sps(base), h264Pps());
    parameters.format();
    t.equal(parameters.feed(h264Sps({ ...base, ...fields })), 'changed', what);
    const { config } = parameters.format()!;
    t.notOk(Buffer.from(config).equals(first.config), `${what}: the record holds the new set`);
  }
  const parameters = h264(h264Sps(), h264Pps());
  t.equal(parameters.feed(h264Pps(0, 0, 3)), 'changed', 'a PPS alone');
});

t.test('a stream that changes back and forth gets its old formats again', async (t) => {
  const [day, night] = [h264Sps(), h264Sps({ macroblocksAcross: 20, macroblocksDown: 15 })];
  const parameters = h264(day, h264Pps());
  const first = parameters.format();
  parameters.feed(night);
  const second = parameters.format();
  t.match(second, { width: 320, height: 240 });
  for (let round = 0; round < 3; round++) {
    t.equal(parameters.feed(day), 'changed');
    t.equal(parameters.format(), first);
    t.equal(parameters.feed(night), 'changed');
    t.equal(parameters.format(), second);
  }
});

t.test('junk around and behind sets is taken off', async (t) => {
  const [sps, pps] = [h264Sps(), h264Pps()];
  const clean = h264(sps, pps).format()!.config;
  const junk = {
    'trailing zeros': [Buffer.concat([sps, Buffer.alloc(5)]), Buffer.concat([pps, Buffer.alloc(2)])],
    'a start code behind': [Buffer.concat([sps, START_CODE]), Buffer.concat([pps, START_CODE])],
    'a start code before': [Buffer.concat([START_CODE, sps]), Buffer.concat([START_CODE, pps])],
    'bytes behind the trailing bits': [Buffer.concat([sps, Buffer.from([0x12, 0x80])]), pps],
    'both sets in one unit': [Buffer.concat([sps, START_CODE, pps]), Buffer.concat([sps, START_CODE, pps])],
  };
  for (const [what, sets] of Object.entries(junk)) {
    const parameters = h264(...sets);
    t.ok(Buffer.from(parameters.format()?.config ?? []).equals(clean), what);
    for (const set of [...sets, sps, pps]) t.equal(parameters.feed(set), 'same', what);
  }
});

t.test('sets that came together are not mistaken for those that replaced them', async (t) => {
  const both = Buffer.concat([h264Sps(), START_CODE, h264Pps()]);
  const parameters = h264(both);
  parameters.feed(h264Sps({ macroblocksAcross: 20 }));
  t.equal(parameters.feed(both), 'changed');
  t.equal(parameters.format()?.width, 640);
});

t.test('senseless sets are bad and leave the stored ones alone', async (t) => {
  const parameters = h264(h264Sps(), h264Pps());
  const format = parameters.format();
  const huge = h264Sps({ macroblocksAcross: 5000 });
  const bad = [Buffer.alloc(0), Buffer.from([0x67]), Buffer.from([0x68]), h264Sps().subarray(0, 6), huge, h264Slice()];
  for (const set of [...bad, Buffer.alloc(100_000, 0x67)]) t.equal(parameters.feed(set), 'bad');
  t.equal(parameters.format(), format);
});

t.test('a broken VUI does no harm', async (t) => {
  const cut = h264Sps({ timeScale: 50, bitRate: 900 }).subarray(0, 14);
  t.match(parseH264Sps(cut), { width: 640, height: 480, usedBytes: undefined, nominalFps: undefined });
  t.equal(h264(cut, h264Pps()).format()?.width, 640);
  const hevc = h265Sps({ timeScale: 25 });
  t.match(parseH265Sps(hevc.subarray(0, hevc.length - 6)), { width: 640, height: 368, bitDepthLuma: 8 });
});

t.test('several sets: the slice says which one counts', async (t) => {
  const small = h264Sps({ id: 1, macroblocksAcross: 20, macroblocksDown: 15 });
  const parameters = h264(h264Sps(), h264Pps(), small, h264Pps(1, 1), h264Pps(2, 7));
  t.equal(parameters.format()?.width, 640, 'without a slice, the first PPS');
  t.equal(Buffer.from(parameters.format()!.config).readUInt8(5), 0xe2, 'both SPS are in the record');
  t.equal(parameters.useSlice(h264Slice(0)), 'same');
  t.equal(parameters.useSlice(h264Slice(1)), 'changed');
  t.match(parameters.format(), { width: 320, height: 240 });
  t.equal(parameters.useSlice(h264Slice(1)), 'same');
  t.equal(parameters.useSlice(h264Slice(2)), 'bad', 'its SPS is missing');
  t.equal(parameters.useSlice(h264Slice(9)), 'bad', 'no such PPS');
  t.equal(parameters.useSlice(Buffer.from([0x65])), 'bad');
  t.match(parameters.format(), { width: 320, height: 240 });
});

t.test('reordering is what the VUI says, or none where the profile knows none', async (t) => {
  t.equal(h264(h264Sps({ reorder: 2 }), h264Pps()).reorderFrames, 2);
  t.equal(h264(h264Sps({ profile: 66 }), h264Pps()).reorderFrames, 0);
  t.equal(new VideoParameters('h264').reorderFrames, undefined);
  t.equal(parseH265Sps(h265Sps({ reorder: 3 }))?.reorderFrames, 3);
});

t.test('H.265 sets with everything that is in the way of the VUI', async (t) => {
  const tools = { scalingLists: true, changedSets: true, longTerm: 3, timeScale: 15 };
  for (const fields of [{}, ...Object.entries(tools).map(([key, value]) => ({ [key]: value })), tools]) {
    for (const subLayers of [1, 2, 7]) {
      const nal = h265Sps({ ...fields, subLayers, timeScale: 15 });
      const sps = parseH265Sps(nal);
      t.match(
        sps,
        { width: 640, height: 368, subLayers, nominalFps: 15, usedBytes: nal.length },
        JSON.stringify(fields),
      );
    }
  }
  t.equal(parseH265Vps(h265Vps(30))?.nominalFps, 30);
});

t.test('sets of other layers, or without end, are refused', async (t) => {
  const layered = Buffer.from(h265Sps());
  layered[1] = 9;
  t.equal(parseH265Sps(layered), undefined);
  t.equal(parseH264Pps(Buffer.concat([Buffer.from([0x68]), Buffer.alloc(30)])), undefined);
});
