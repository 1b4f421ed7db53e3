import t from 'tap';
import { runCampaign, type CampaignOptions, type Finding } from '../../../scripts/fuzz/campaign.ts';
import { inputOf } from '../../../scripts/fuzz/messages.ts';
import { targetsOf } from '../../../scripts/fuzz/targets.ts';

const faulty = await targetsOf(new URL('../../support/faulty-targets.ts', import.meta.url).href);

async function findings(
  name: string,
  inputs: number,
  limits: Pick<CampaignOptions, 'hangMs' | 'slowMs'> = {},
): Promise<readonly Finding[]> {
  const placed = faulty.find(({ target }) => target.name === name)!;
  const result = await runCampaign(placed, { seed: 1, inputs, ...limits });
  return result.findings;
}

t.test('a parser that refuses with a code is sound', async (t) => {
  t.strictSame(await findings('sound', 3000), []);
});

t.test('a wrong error is found once, with a small input', async (t) => {
  const [first, ...more] = await findings('throws', 20_000);
  t.match(first, { kind: 'threw', words: /RangeError: length/ });
  t.match(String(first!.input), /^length=\d{4,}$/);
  t.strictSame(more, []);
});

t.test('the same seed finds the same', async (t) => {
  const [first] = await findings('throws', 20_000);
  const [again] = await findings('throws', 20_000);
  t.strictSame(again, first);
});

t.test('an error that comes late, and one that says bug', async (t) => {
  const [first] = await findings('rejects late', 100);
  t.match(first, { kind: 'crashed', words: /nobody waits/ });
  t.match(String(first!.input), 'cc', 'the very input');
  t.match(await findings('reports a bug', 100), [{ kind: 'threw' }]);
});

t.test('too much processor time', async (t) => {
  const [first] = await findings('slow', 12, { slowMs: 3 });
  t.equal(first?.kind, 'slow');
  t.equal(first?.input?.length, 9, 'made as small as it gets');
});

t.test('a hang is cut, and the rest goes on', async (t) => {
  const found = await findings('hangs', 24, { hangMs: 1000 });
  t.ok(found.length > 0);
  t.ok(found.every(({ kind, input }) => kind === 'hung' && input!.length > 8));
});

t.test('kept memory', async (t) => {
  t.match(await findings('leaks', 3000), [{ kind: 'memory' }]);
});

t.test('inputs follow from seed, name and number, the seeds first', async (t) => {
  const seeds = [Buffer.from('one'), Buffer.from('two')];
  t.equal(String(inputOf(1, 'a', 1, seeds)), 'two');
  const texts = (seed: number, name: string): string[] =>
    Array.from({ length: 50 }, (_, n) => inputOf(seed, name, n + 2, seeds).toString('hex'));
  t.strictSame(texts(1, 'a'), texts(1, 'a'));
  t.notSame(texts(1, 'a'), texts(2, 'a'));
  t.notSame(texts(1, 'a'), texts(1, 'b'));
});
