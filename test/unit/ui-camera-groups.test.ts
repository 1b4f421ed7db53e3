import t from 'tap';
import { foundAmong, grouped, type Listed } from '../../firmware/ui/media/camera-groups.ts';

const at = (id: string, name: string, groups: string[] = [], labels: string[] = []): Listed => ({
  id,
  name,
  groups,
  labels,
});
const CAMERAS = [
  at('hall', 'Hall'),
  at('gate', 'Main gate', ['Yard', 'North'], ['Lorries']),
  at('roof-2', 'Roof', ['House']),
  at('ramp', '坡道', ['Yard']),
];

t.test('a camera is found by name, id, group and label, and by several words of them together', async (t) => {
  const found = (sought: string): string[] => foundAmong(CAMERAS, sought).map(({ id }) => id);
  t.strictSame(found(''), ['hall', 'gate', 'roof-2', 'ramp']);
  t.strictSame(found('MAIN'), ['gate']);
  t.strictSame(found('roof-2'), ['roof-2']);
  t.strictSame(found('yard'), ['gate', 'ramp']);
  t.strictSame(found('lorr'), ['gate']);
  t.strictSame(found(' north  lorries '), ['gate']);
  t.strictSame(found('坡道'), ['ramp']);
  t.strictSame(found('house lorries'), []);
  t.strictSame(found('gate yard north\nlorries'), ['gate'], 'words, not a line');
});

t.test('each camera stands once, under its first group; those in none come last', async (t) => {
  const lines = grouped(CAMERAS).map(({ name, cameras }) => [name, cameras.map(({ id }) => id).join(' ')]);
  t.strictSame(lines, [
    ['Yard', 'gate ramp'],
    ['House', 'roof-2'],
    ['', 'hall'],
  ]);
  t.strictSame(grouped([]), []);
});
