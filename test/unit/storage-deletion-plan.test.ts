import t from 'tap';
import { planDeletion } from '../../firmware/storage/space/deletion-plan.ts';
import type { Candidate, KeepingRules, PlanInput } from '../../firmware/storage/space/deletion-plan.ts';

const DAY_US = 86_400_000_000;
const NOW_US = 20_600 * DAY_US;

/** A queue of segments of one camera: [sequence, age in days, bytes]. */
function queue(
  camera: string,
  items: [number, number, number?, 'untrusted'?][],
  footage: 'continuous' | 'event' = 'continuous',
  copies = false,
) {
  const list: Candidate[] = items.map(([sequence, days, bytes = 10, untrusted]) => ({
    sequence,
    path: `video/${camera}/main/${sequence}`,
    bytes,
    startUs: NOW_US - days * DAY_US - 1,
    endUs: NOW_US - days * DAY_US,
    untrusted: untrusted !== undefined,
  }));
  return {
    camera,
    class: footage,
    copies,
    list,
    front: (timed: boolean) => list.find(({ untrusted: early }) => !early || !timed),
  };
}

const KEEP: KeepingRules = { ageLimitDays: () => undefined, overwriteUpTo: Infinity, excessBytes: 0 };

function plan(
  queues: ReturnType<typeof queue>[],
  input: Partial<PlanInput> = {},
  rules: Record<string, Partial<KeepingRules>> = {},
) {
  const { steps, exhausted } = planDeletion({
    queues,
    rulesOf: (camera) => ({ ...KEEP, ...rules[camera] }),
    needBytes: 0,
    eventsSpared: true,
    nowUs: NOW_US,
    paceBytes: Infinity,
    maxSteps: 64,
    take: ({ sequence }) => {
      for (const { list } of queues) {
        const index = list.findIndex((each) => each.sequence === sequence);
        if (index >= 0) list.splice(index, 1);
      }
    },
    ...input,
  });
  return { deleted: steps.map(({ sequence, why }) => `${sequence} ${why}`), exhausted };
}

t.test('nothing is needed, nothing goes', async (t) => {
  t.same(plan([queue('a', [[1, 900]])]), { deleted: [], exhausted: false });
});

t.test('room: the oldest by sequence over all cameras, whatever the times say', async (t) => {
  const queues = () => [
    queue('a', [
      [1, 1],
      [4, 9],
      [5, 0],
    ]),
    queue('b', [
      [2, 300],
      [3, 2, 10, 'untrusted'],
    ]),
  ];
  t.same(plan(queues(), { needBytes: 35 }).deleted, ['1 space', '2 space', '3 space', '4 space']);
  t.same(plan(queues(), { needBytes: 60 }), {
    deleted: ['1 space', '2 space', '3 space', '4 space', '5 space'],
    exhausted: true,
  });
});

t.test('a copy goes with what was recorded at its time, however late it was copied', async (t) => {
  const queues = () => [
    queue('a', [
      [1, 20],
      [2, 10, 10, 'untrusted'],
      [3, 6],
      [4, 1],
    ]),
    queue(
      'b',
      [
        [7, 30],
        [6, 8],
        [5, 2],
      ],
      'continuous',
      true,
    ),
  ];
  const order = ['7', '1', '2', '6', '3', '5', '4'];
  t.same(
    plan(queues(), { needBytes: 70 }).deleted,
    order.map((sequence) => `${sequence} space`),
  );
  const rules = { b: { ageLimitDays: () => 7 } };
  t.same(plan(queues(), {}, rules).deleted, ['7 age', '6 age']);
});

t.test('continuous footage goes before events, unless those take more than their share', async (t) => {
  const queues = () => [
    queue(
      'a',
      [
        [1, 9],
        [2, 9],
      ],
      'event',
    ),
    queue('a', [
      [3, 1],
      [4, 1],
    ]),
  ];
  t.same(plan(queues(), { needBytes: 30 }).deleted, ['3 space', '4 space', '1 space']);
  t.same(plan(queues(), { needBytes: 30, eventsSpared: false }).deleted, ['1 space', '2 space', '3 space']);
});

t.test('age: per camera and class, up to the first that is young', async (t) => {
  const queues = () => [
    queue('a', [
      [1, 40],
      [2, 31],
      [3, 29],
      [4, 60],
    ]),
    queue(
      'a',
      [
        [5, 80],
        [6, 95],
      ],
      'event',
    ),
    queue('b', [[7, 400]]),
  ];
  const rules = { a: { ageLimitDays: (footage: string) => (footage === 'event' ? 90 : 30) } };
  t.same(plan(queues(), {}, rules).deleted, ['1 age', '2 age'], '4 was recorded after 3: its time is wrong');
  t.same(plan(queues(), { nowUs: undefined }, rules).deleted, [], 'the box does not know the time');
});

t.test('age: a segment whose own time is not trusted is never too old', async (t) => {
  const limited = { a: { ageLimitDays: () => 30 } };
  const queues = [
    queue('a', [
      [1, 20_000, 10, 'untrusted'],
      [2, 40],
      [3, 20_000, 10, 'untrusted'],
      [4, 1],
    ]),
  ];
  t.same(plan(queues, {}, limited).deleted, ['2 age']);
});

t.test('size: a camera that has more than it may loses its own oldest', async (t) => {
  const queues = [
    queue('a', [
      [2, 1],
      [5, 1],
      [6, 1],
    ]),
    queue('a', [[1, 1]], 'event'),
    queue('b', [[3, 1]]),
  ];
  t.same(plan(queues, {}, { a: { excessBytes: 15 } }).deleted, ['2 size', '5 size']);
});

t.test('what goes for its age counts for size and room, too', async (t) => {
  const queues = [
    queue('a', [
      [1, 40],
      [2, 1],
      [3, 1],
    ]),
  ];
  const rules = { a: { ageLimitDays: () => 30, excessBytes: 10 } };
  t.same(plan(queues, { needBytes: 10 }, rules).deleted, ['1 age']);
});

t.test('cameras that stop instead are not overwritten, but for what their owner has granted', async (t) => {
  const queues = () => [
    queue('stop', [
      [1, 1],
      [2, 1],
      [3, 1],
    ]),
    queue('b', [[4, 1]]),
  ];
  t.same(plan(queues(), { needBytes: 30 }, { stop: { overwriteUpTo: 0 } }), { deleted: ['4 space'], exhausted: true });
  t.same(plan(queues(), { needBytes: 30 }, { stop: { overwriteUpTo: 2 } }).deleted, ['1 space', '2 space', '4 space']);
  const old = { stop: { overwriteUpTo: 0, ageLimitDays: () => 0.5 } };
  t.same(plan(queues(), {}, old).deleted, ['1 age', '2 age', '3 age'], 'a limit of age is the wish of its owner');
});

t.test('the pace holds back, and never to a standstill', async (t) => {
  const queues = () => [
    queue('a', [
      [1, 1, 1000],
      [2, 1, 1000],
      [3, 1, 1000],
    ]),
  ];
  t.same(plan(queues(), { needBytes: 5000, paceBytes: 1 }), { deleted: ['1 space'], exhausted: false });
  t.same(plan(queues(), { needBytes: 5000, paceBytes: 1001 }).deleted, ['1 space', '2 space']);
  t.same(plan(queues(), { needBytes: 5000, paceBytes: 0 }), { deleted: [], exhausted: false });
  t.same(plan(queues(), { needBytes: 5000, maxSteps: 2 }), { deleted: ['1 space', '2 space'], exhausted: false });
});
