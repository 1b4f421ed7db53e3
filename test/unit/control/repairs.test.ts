import t from 'tap';
import { ERROR_CODES } from '../../../firmware/base/index.ts';
import { REPAIR_IDS, repairsOf } from '../../../firmware/control/problem-repairs.ts';
import { OPERATIONS } from '../../../firmware/control/operations/index.ts';

const SUBJECTS: Readonly<Record<string, string>> = {
  'evacuation.incomplete': 'volume/left',
  'disks.failing': 'disk/wwn-1',
  'disks.ailing': 'disk/wwn-1',
  'space.ask': 'camera-group/yard',
  'space.kept-stopped': 'camera-group/yard',
  'space.clock-ahead': 'box',
  'notices.undelivered': 'channel/webhook/ops',
};

t.test('what is offered as a repair can be asked as it stands, by whoever has the right that is named', async (t) => {
  const offered = new Set<string>();
  for (const code of Object.keys(ERROR_CODES)) {
    const broken = { code, subject: SUBJECTS[code] ?? 'camera/gate', context: { volumes: ['left', 'right'] } };
    for (const { id, operation, right, input } of repairsOf(broken, () => true)) {
      offered.add(id);
      const found = OPERATIONS.find(({ name }) => name === operation);
      t.ok(found, operation);
      t.equal(found?.right, right, `${operation} wants ${right}`);
      const parsed = found?.input.safeParse(input);
      t.strictSame(parsed?.error?.issues ?? [], [], `${code}: ${JSON.stringify(input)}`);
      t.match(parsed?.data, input, 'nothing of it is left out');
    }
  }
  t.strictSame([...offered].toSorted(), REPAIR_IDS.toSorted(), 'each is offered for something');
});

t.test('repairs name what the problem is about, and nothing is offered that cannot be done', async (t) => {
  const of = (code: string, subject: string, context = {}, restartable = true) =>
    repairsOf({ code, subject, context }, () => restartable).map(({ operation, input }) => [operation, input]);
  t.strictSame(of('cameras.clock-off', 'camera/gate'), [['cameras.clock', { camera: 'gate', set: 'now' }]]);
  t.strictSame(of('rtsp.media-stopped', 'camera/gate'), [['cameras.reboot', { camera: 'gate' }]]);
  t.strictSame(of('rtsp.media-stopped', 'camera/gate', {}, false), [], 'a camera that takes no orders');
  t.strictSame(of('rtsp.unauthorized', 'camera/gate'), [], 'a password is for people to type');
  t.strictSame(of('disks.failing', 'disk/wwn-1', { volumes: ['left'] }), [['disks.evacuate', { volume: 'left' }]]);
  t.strictSame(of('disks.failing', 'disk/wwn-1'), []);
  t.strictSame(of('notices.undelivered', 'channel/webhook/ops'), [['notices.test', { channel: 'webhook/ops' }]]);
});
