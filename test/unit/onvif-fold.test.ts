import t from 'tap';
import { EventFold } from '../../firmware/onvif/events/fold.ts';
import { meaningOf } from '../../firmware/onvif/events/meaning.ts';
import { FoundDevices } from '../../firmware/onvif/discovery/merge.ts';
import type { FoundDevice } from '../../firmware/onvif/index.ts';
import type { Item, MessageReply } from '../../firmware/onvif/replies/event-replies.ts';

const NOW = { ms: 1e12, monoUs: 0, offsetMs: 0 };

function message(topic: string, data: readonly Item[], parts: Partial<MessageReply> = {}): MessageReply {
  return { topic, source: [['Source', '0']], data, operation: 'Changed', ...parts };
}

const motion = (active: boolean, parts: Partial<MessageReply> = {}): MessageReply =>
  message('tns1:RuleEngine/CellMotionDetector/Motion', [['IsMotion', String(active)]], parts);

t.test('B6: states that are replayed or repeated are told once', async (t) => {
  const fold = new EventFold();
  t.match(fold.take(motion(false, { operation: 'Initialized' }), NOW), { active: false, initial: true });
  t.equal(fold.take(motion(false, { operation: 'Initialized' }), NOW), undefined);
  t.match(fold.take(motion(true), NOW), { active: true, initial: false });
  t.equal(fold.take(motion(true), NOW), undefined);
  t.match(fold.take(motion(false), NOW), { active: false });
});

t.test('B6: a motion whose end is never told ends after five minutes of silence', async (t) => {
  const fold = new EventFold();
  fold.take(motion(true), NOW);
  t.same(fold.stuck({ ms: NOW.ms, monoUs: 299e6 }), []);
  t.match(fold.stuck({ ms: NOW.ms + 301_000, monoUs: 301e6 }), [{ kind: 'motion', active: false, source: '0' }]);
  t.same(fold.stuck({ ms: NOW.ms, monoUs: 900e6 }), [], 'once');
  const door = message('tns1:Device/Trigger/DigitalInput', [['LogicalState', '1']], { source: [['InputToken', '1']] });
  fold.take(door, NOW);
  t.same(fold.stuck({ ms: NOW.ms, monoUs: 900e6 }), [], 'a door may stand open');
});

t.test('B7: one motion under two topics begins with the first and ends with the last', async (t) => {
  const fold = new EventFold();
  const alarm = (active: boolean) => message('tns1:VideoSource/MotionAlarm', [['State', String(active)]]);
  t.match(fold.take(motion(true), NOW), { kind: 'motion', active: true });
  t.equal(fold.take(alarm(true), NOW), undefined);
  t.equal(fold.take(motion(false), NOW), undefined);
  t.match(fold.take(alarm(false), NOW), { kind: 'motion', active: false });
});

t.test('B1: a time of a clock that is years off becomes the time of the box', async (t) => {
  const fold = new EventFold();
  t.equal(fold.take(motion(true, { utcMs: 5e11 }), NOW)?.atMs, NOW.ms);
  t.equal(fold.take(motion(false, { utcMs: 5e11 }), { ...NOW, offsetMs: 5e11 - 1e12 + 2000 })?.atMs, NOW.ms - 2000);
});

t.test('B4, B5: topics and words of makers', async (t) => {
  const cases: readonly [
    topic: string,
    data: readonly Item[],
    kind: string,
    detail?: string | undefined,
    active?: boolean | undefined,
  ][] = [
    ['tns1:RuleEngine/MyRuleDetector/PeopleDetect', [['State', 'true']], 'analytics', 'people', true],
    ['tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent', [['IsVehicle', 'true']], 'analytics', 'vehicle', true],
    ['tns1:RuleEngine/PeopleDetector/People', [['IsPeople', 'false']], 'analytics', 'people', false],
    ['tns1:Device/tnshik:AlarmIn', [['State', '1']], 'digital-input', undefined, true],
    ['tns1:VideoSource/GlobalSceneChange/AnalyticsService', [['State', 'True']], 'tamper', 'scene-change', true],
    ['tns1:RuleEngine/LineDetector/Crossed', [['ObjectId', '15']], 'analytics', 'line-crossing'],
    ['tns1:RuleEngine/FieldDetector/ObjectsInside//.', [['IsInside', 'active']], 'analytics', 'intrusion', true],
    ['tns1:Device/Trigger/Relay', [['LogicalState', 'inactive']], 'relay', undefined, false],
    ['tns1:VideoAnalytics/Motion', [['Value', 'True']], 'motion', undefined, true],
    ['tns1:Monitoring/ProcessorUsage', [['Value', '0.29']], 'other'],
    ['vendor:Unheard/Of', [], 'other'],
  ];
  for (const [topic, data, kind, detail, active] of cases) {
    const meaning = meaningOf(message(topic, data));
    t.strictSame([meaning?.kind, meaning?.detail, meaning?.active], [kind, detail, active], topic);
  }
  t.equal(meaningOf(message('', [['State', 'true']])), undefined, 'without a topic it is of no use');
});

const device = (parts: Partial<FoundDevice>): FoundDevice => ({
  endpoint: 'urn:uuid:1',
  xaddrs: ['http://10.0.0.1/onvif/device_service'],
  address: '10.0.0.1',
  types: [],
  scopes: [],
  ...parts,
});

t.test('C19, C20: one address is one device; one endpoint of two cameras is two', async (t) => {
  const found = new FoundDevices();
  t.ok(found.add(device({})));
  t.equal(found.add(device({})), undefined, 'nothing new');
  t.match(found.add(device({ name: 'Gate', endpoint: 'urn:uuid:2' })), { name: 'Gate', endpoint: 'urn:uuid:1' });
  found.add(device({ xaddrs: ['http://10.0.0.2/onvif/device_service'], address: '10.0.0.2' }));
  t.equal(found.all.length, 2, 'a batch with one endpoint');
  found.add(device({ xaddrs: ['http://10.0.0.3/x'], address: '10.0.0.3', mac: '00:11:22:33:44:55' }));
  found.add(device({ xaddrs: ['http://10.0.0.4/x'], address: '10.0.0.4', mac: '00:11:22:33:44:55' }));
  t.equal(found.all.length, 3, 'one camera at two addresses');
});
