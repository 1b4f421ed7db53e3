import t from 'tap';
import type { ErrorCode } from '../../../firmware/base/index.ts';
import { Folding, type Folded } from '../../../firmware/notices/folding.ts';
import { Problems, type Severity } from '../../../firmware/telemetry/index.ts';

const S = 1e6;
const TIMES = { quietUs: 900 * S, gatherUs: 10 * S, graceUs: 300 * S };

/** Problems and their folding, under a clock that only moves when told. */
class Lab {
  nowUs = 0;
  readonly notices: (Folded & { atS: number })[] = [];
  readonly problems = new Problems({ wallUs: () => this.nowUs });
  readonly folding: Folding;

  constructor(told: ConstructorParameters<typeof Folding>[1] = [], times = TIMES) {
    this.folding = new Folding(times, told, 0);
    this.problems.listen((event, problem) => this.folding.problem(event, problem, this.nowUs));
  }

  raise(code: ErrorCode, subject: string, severity: Severity = 'warning', context = {}): void {
    this.problems.raise(code, subject, severity, context);
  }

  /** Goes on to this second, taking what falls due on the way. */
  to(second: number): void {
    for (let dueUs = this.folding.dueUs(); dueUs !== undefined && dueUs <= second * S; dueUs = this.folding.dueUs()) {
      this.nowUs = Math.max(this.nowUs, dueUs);
      const folded = this.folding.take(this.nowUs);
      if (folded) this.notices.push({ ...folded, atS: this.nowUs / S });
    }
    this.nowUs = second * S;
  }

  get told(): string[] {
    return this.notices.map(
      ({ items, more }) =>
        items.map(({ subject, state, times }) => `${subject} ${state} ${times}`).join(', ') + (more ? ` +${more}` : ''),
    );
  }
}

t.test('a problem is told once, and once that it is over', async (t) => {
  const lab = new Lab();
  lab.raise('rtsp.timeout', 'camera/a');
  lab.to(60);
  t.strictSame(lab.told, ['camera/a standing 1']);
  lab.raise('rtsp.timeout', 'camera/a', 'warning', { tries: 7 });
  lab.to(120);
  lab.problems.clear('rtsp.timeout', 'camera/a');
  lab.to(200);
  t.strictSame(lab.told.slice(1), ['camera/a over 1'], 'new figures are no news; the all-clear does not wait');
  lab.to(100_000);
  t.equal(lab.folding.dueUs(), undefined);
});

t.test('what comes at once goes out as one', async (t) => {
  const lab = new Lab();
  for (let n = 0; n < 30; n++) lab.raise('rtsp.timeout', `camera/c${n}`);
  lab.raise('storage.hung', 'volume/v', 'error');
  lab.to(60);
  t.equal(lab.notices.length, 1);
  t.equal(lab.notices[0]!.items[0]!.subject, 'volume/v', 'the gravest first');
  t.equal(lab.notices[0]!.items.length, 20);
  t.equal(lab.notices[0]!.more, 11);
});

t.test('a thousand flaps make few notices, and say how many they were', async (t) => {
  const lab = new Lab();
  for (let n = 0; n < 1000; n++) {
    lab.raise('rtsp.closed', 'camera/a');
    lab.to(n * 4 + 2);
    lab.problems.clear('rtsp.closed', 'camera/a');
    lab.to(n * 4 + 4);
  }
  lab.to(10_000);
  t.ok(lab.notices.length <= 12, `${lab.notices.length} notices in an hour`);
  t.ok(lab.notices.length >= 3);
  t.ok(lab.notices.some(({ items }) => items[0]!.times > 100));
  t.equal(lab.notices.at(-1)!.items[0]!.state, 'over', 'the last word is true');
});

t.test('a thousand different problems, minute by minute, make few notices', async (t) => {
  const lab = new Lab();
  for (let n = 0; n < 1000; n++) {
    lab.raise('rtsp.closed', `camera/c${n}`);
    lab.to((n + 1) * 3.6);
  }
  lab.to(10_000);
  const hour = lab.notices.filter(({ atS }) => atS <= 3600);
  t.ok(hour.length <= 14, `${hour.length} notices in an hour`);
  t.equal(
    lab.notices.reduce((sum, { items, more }) => sum + items.length + more, 0),
    1000,
    'none is lost',
  );
});

t.test('a blink is no news; an error is, however short', async (t) => {
  const lab = new Lab();
  lab.raise('rtsp.closed', 'camera/a');
  lab.to(5);
  lab.problems.clear('rtsp.closed', 'camera/a');
  lab.to(60);
  t.strictSame(lab.told, [], 'came and went within the gathering');
  lab.raise('storage.io', 'volume/v', 'error');
  lab.to(61);
  lab.problems.clear('storage.io', 'volume/v');
  lab.to(120);
  t.strictSame(lab.told, ['volume/v over 1']);
});

t.test('cleared and raised again at the same moment is the same problem', async (t) => {
  const lab = new Lab();
  lab.raise('rtsp.timeout', 'camera/a');
  for (let n = 1; n < 200; n++) {
    lab.to(n * 30);
    lab.problems.clearSubject('camera/a');
    lab.raise('rtsp.timeout', 'camera/a');
  }
  lab.to(10_000);
  t.strictSame(lab.told, ['camera/a standing 1']);
});

t.test('graver is news', async (t) => {
  const lab = new Lab();
  lab.raise('storage.full', 'volume/v', 'warning');
  lab.to(30);
  lab.raise('storage.full', 'volume/v', 'error');
  lab.to(120);
  t.strictSame(
    lab.notices.flatMap(({ items }) => items).map(({ severity }) => severity),
    ['warning', 'error'],
  );
});

t.test('a restart tells nothing twice and forgets nothing', async (t) => {
  const lab = new Lab();
  lab.raise('rtsp.timeout', 'camera/a');
  lab.raise('rtsp.timeout', 'camera/b');
  lab.to(60);
  const next = new Lab(JSON.parse(JSON.stringify(lab.folding.told())) as ReturnType<Folding['told']>);
  next.raise('rtsp.timeout', 'camera/a');
  next.to(299);
  t.strictSame(next.told, []);
  next.to(2000);
  t.strictSame(next.told, ['camera/b over 1'], 'nobody has found it again');
  next.problems.clear('rtsp.timeout', 'camera/a');
  next.to(4000);
  t.strictSame(next.told.slice(1), ['camera/a over 1']);
});

t.test('moments', async (t) => {
  const lab = new Lab();
  const moment = {
    code: 'storage.io',
    subject: 'volume/v',
    severity: 'error',
    sinceUs: 0,
    context: { a: 1, b: {} },
  } as const;
  lab.folding.happened(moment, 0);
  lab.folding.happened(moment, 1 * S);
  t.match(lab.folding.pendingMoments(), [{ times: 2, state: 'happened', context: { a: 1 } }]);
  lab.to(60);
  t.strictSame(lab.told, ['volume/v happened 2']);
  t.strictSame(lab.folding.pendingMoments(), []);
  t.strictSame(lab.folding.told(), [], 'a moment does not stand');
});

t.test('memory is bounded, and what found no room is counted', async (t) => {
  const lab = new Lab();
  for (let n = 0; n < 5000; n++) lab.raise('rtsp.closed', `camera/c${n}`);
  lab.to(60);
  t.equal(lab.notices.length, 1);
  t.equal(lab.notices[0]!.items.length + lab.notices[0]!.more, 5000);
});

t.test('without a quiet time each change is told at once', async (t) => {
  const lab = new Lab([], { ...TIMES, quietUs: 0 });
  for (let n = 0; n < 3; n++) {
    lab.raise('rtsp.closed', 'camera/a');
    lab.to(n * 10 + 5);
    lab.problems.clear('rtsp.closed', 'camera/a');
    lab.to(n * 10 + 10);
  }
  t.equal(lab.notices.length, 6);
});
