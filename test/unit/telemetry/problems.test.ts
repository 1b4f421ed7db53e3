import t from 'tap';
import { Problems } from '../../../firmware/telemetry/index.ts';

function setUp() {
  const clock = { nowUs: 0, wallUs: () => clock.nowUs };
  const problems = new Problems(clock);
  const heard: string[] = [];
  const stop = problems.listen((event, { code, subject }) => heard.push(`${event} ${code} ${subject}`));
  return { clock, problems, heard, stop };
}

t.test('a problem stands from its first raise until it is cleared', async (t) => {
  const { clock, problems, heard, stop } = setUp();
  clock.nowUs = 5;
  problems.raise('rtsp.timeout', 'gate', 'warning', { attempts: 1 });
  clock.nowUs = 9;
  problems.raise('rtsp.timeout', 'gate', 'warning', { attempts: 1 });
  problems.raise('rtsp.timeout', 'gate', 'error', { attempts: 2 });
  t.match(problems.list(), [{ code: 'rtsp.timeout', sinceUs: 5, severity: 'error', what: /\.$/, advice: /\.$/ }]);
  problems.clear('rtsp.timeout', 'gate');
  problems.clear('rtsp.timeout', 'gate');
  t.strictSame(problems.list(), []);
  t.strictSame(heard, ['raised rtsp.timeout gate', 'changed rtsp.timeout gate', 'cleared rtsp.timeout gate']);
  stop();
  problems.raise('rtsp.timeout', 'gate', 'warning');
  t.equal(heard.length, 3);
});

t.test('the list goes from grave to light, then from old to new', async (t) => {
  const { clock, problems } = setUp();
  for (const [subject, severity] of [
    ['c', 'notice'],
    ['b', 'error'],
    ['d', 'warning'],
    ['a', 'error'],
  ] as const) {
    clock.nowUs++;
    problems.raise('storage.io', subject, severity);
  }
  t.strictSame(
    problems.list().map(({ subject }) => subject),
    ['b', 'a', 'd', 'c'],
  );
});

t.test('a subject that goes takes its problems along', async (t) => {
  const { problems } = setUp();
  problems.raise('rtsp.timeout', 'gate', 'error');
  problems.raise('rtsp.tls', 'gate', 'error');
  problems.raise('rtsp.tls', 'yard', 'error');
  problems.clearSubject('gate');
  t.strictSame(
    problems.list().map(({ subject }) => subject),
    ['yard'],
  );
});

t.test('the context holds no secret', async (t) => {
  const { problems } = setUp();
  problems.raise('rtsp.unauthorized', 'gate', 'error', { url: 'rtsp://u:canary@h/', password: 'canary' });
  t.notMatch(JSON.stringify(problems.list()), /canary/);
});
