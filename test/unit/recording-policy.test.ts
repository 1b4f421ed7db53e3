import t from 'tap';
import { RecordingPolicy, type PolicySettings } from '../../firmware/recording/policy.ts';

const MONDAY_NOON_US = Date.parse('2026-11-23T12:00:00Z') * 1000;
const S = 1e6;

function policy(settings: Partial<PolicySettings>): RecordingPolicy {
  return new RecordingPolicy({ mode: 'continuous', schedule: [], timeZone: 'UTC', postRecordS: 10, ...settings });
}

t.test('continuous records always, manual only on the word', async (t) => {
  t.match(policy({}).decide(MONDAY_NOON_US, 0), { record: true, because: 'continuous' });
  const manual = policy({ mode: 'manual' });
  t.match(manual.decide(MONDAY_NOON_US, 0), { record: false });
  manual.setManual(true);
  t.match(manual.decide(MONDAY_NOON_US, 0), { record: true, because: 'manual' });
  manual.setManual(false);
  t.match(manual.decide(MONDAY_NOON_US, 0), { record: false });
});

t.test('a manual stop does not end a continuous recording', async (t) => {
  const each = policy({});
  each.setManual(false);
  t.match(each.decide(MONDAY_NOON_US, 0), { record: true });
});

t.test('events record for the post-record time, and later events prolong it', async (t) => {
  const each = policy({ mode: 'event' });
  t.match(each.decide(MONDAY_NOON_US, 5 * S), { record: false });
  each.event(10 * S);
  t.match(each.decide(MONDAY_NOON_US, 19.9 * S), { record: true, because: 'event' });
  t.match(each.decide(MONDAY_NOON_US, 20 * S), { record: false });
  each.event(15 * S);
  t.match(each.decide(MONDAY_NOON_US, 24.9 * S), { record: true });
  each.event(12 * S);
  t.match(each.decide(MONDAY_NOON_US, 24.9 * S), { record: true }, 'an older event does not shorten');
});

t.test('a changed policy keeps the manual start and the running event', async (t) => {
  const before = policy({ mode: 'event' });
  before.event(0, 60);
  before.setManual(true);
  const after = RecordingPolicy.succeed({ mode: 'event', schedule: [], timeZone: 'UTC', postRecordS: 1 }, before);
  t.match(after.decide(MONDAY_NOON_US, 30 * S), { record: true, because: 'manual' });
  after.setManual(false);
  t.match(after.decide(MONDAY_NOON_US, 30 * S), { record: true, because: 'event' });
});

t.test('a schedule decides by the wall clock', async (t) => {
  const each = policy({ mode: 'schedule', schedule: [{ day: 1, from: '11:00', to: '13:00' }] });
  t.match(each.decide(MONDAY_NOON_US, 0), { record: true, because: 'schedule' });
  t.match(each.decide(MONDAY_NOON_US + 3600 * S, 0), { record: false });
});
