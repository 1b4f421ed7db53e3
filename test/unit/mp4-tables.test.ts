import t from 'tap';
import { serialise } from '../../firmware/media/mp4/boxes.ts';
import { stsd } from '../../firmware/media/mp4/sample-entries.ts';
import { SampleTable } from '../../firmware/media/mp4/sample-table.ts';
import { samplesOfTables } from '../../firmware/media/mp4/track-samples.ts';
import { VIDEO } from '../support/segment-maker.ts';

const FAR = 5 * 2 ** 32 + 77;

function tableOf(samples: readonly (readonly [dts: number, cts: number, size: number, key: boolean])[]): SampleTable {
  const table = new SampleTable();
  for (const [dts, cts, size, key] of samples) table.add(dts, cts, 40, size, key);
  table.chunk(FAR);
  return table;
}

function readBack(table: SampleTable): { text: string; samples: ReturnType<typeof samplesOfTables> } {
  const bytes = serialise(table.stbl(stsd([VIDEO]), { wide: true }));
  const span = { type: 'stbl', start: 0, body: 8, end: bytes.length };
  const samples = samplesOfTables(bytes, span, 0, { start: 0, end: FAR + 1e6 });
  return { text: bytes.toString('latin1'), samples };
}

t.test('places beyond 4 GB and signed offsets come back', (t) => {
  const { text, samples } = readBack(
    tableOf([
      [0, 80, 9, true],
      [40, -5, 7, false],
      [90, 0, 7, false],
    ]),
  );
  t.match(text, /co64/);
  t.ok(text.includes('ctts\u0001'), 'version 1 holds signed offsets');
  t.same([...samples.dts], [0, 40, 90]);
  t.same([...samples.cts], [80, -5, 0]);
  t.same([...samples.offset], [FAR, FAR + 9, FAR + 16]);
  t.same([...samples.key], [1, 0, 0]);
  t.equal(samples.lastDuration, 40);
  t.end();
});

t.test('tables that say nothing are left out', (t) => {
  const { text, samples } = readBack(
    tableOf([
      [0, 0, 5, true],
      [40, 0, 5, true],
    ]),
  );
  t.notMatch(text, /stss/, 'every sample is a key sample');
  t.notMatch(text, /ctts/, 'nothing is reordered');
  t.same([...samples.size], [5, 5]);
  t.same([...samples.key], [1, 1]);
  t.end();
});

t.test('a table whose claims do not fit is refused before memory is taken for it', (t) => {
  const bytes = serialise(tableOf([[0, 0, 5, true]]).stbl(stsd([VIDEO]), { wide: true }));
  const span = { type: 'stbl', start: 0, body: 8, end: bytes.length };
  const within = { start: 0, end: FAR + 1e6 };
  for (const [type, place] of [
    ['stsz', 12],
    ['stts', 8],
    ['stsc', 12],
    ['co64', 4],
  ] as const) {
    const spoilt = Buffer.from(bytes);
    const field = spoilt.indexOf(type) + 4 + place;
    spoilt.writeUInt32BE(0xfffffff0, field);
    t.throws(() => samplesOfTables(spoilt, span, 0, within), { code: 'mp4.damaged' }, type);
  }
  t.throws(() => samplesOfTables(bytes, span, 0, { start: 0, end: FAR }), { code: 'mp4.damaged' }, 'behind the media');
  t.end();
});
