import t from 'tap';
import { unknownChanges } from './changes.ts';
import { inBrief } from './in-brief.ts';

t.test('every operation that changes something is killed in the middle, or says why not', async (t) => {
  t.strictSame(unknownChanges(), { missing: [], stale: [] });
});

await inBrief('changes');
