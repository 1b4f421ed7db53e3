import t from 'tap';
import { allowanceOf, CAMERA_RIGHTS, EVERY_CAMERA, RIGHTS, seesCamera } from '../../../firmware/accounts/index.ts';
import { bothOf, covers } from '../../../firmware/accounts/rights.ts';

t.test('what each role may do', async (t) => {
  const of = (role: 'administrator' | 'operator' | 'viewer'): string[] =>
    RIGHTS.filter((right) => allowanceOf({ role }).may(right));
  t.strictSame(of('administrator'), [...RIGHTS]);
  t.strictSame(of('operator'), ['live', 'playback', 'export', 'ptz', 'record', 'events', 'lock', 'state']);
  t.strictSame(of('viewer'), ['live', 'playback', 'state']);
  const custom = allowanceOf({ role: 'custom', rights: ['disks'] });
  t.strictSame(
    RIGHTS.filter((right) => custom.may(right)),
    ['disks'],
  );
  t.strictSame(
    RIGHTS.filter((right) => allowanceOf({ role: 'custom' }).may(right)),
    [],
    'nothing was given',
  );
});

t.test('a list of cameras narrows what may be done with each', async (t) => {
  const guard = allowanceOf({
    role: 'operator',
    cameras: [
      { camera: 'gate', rights: ['live', 'ptz'] },
      { camera: 'yard', rights: [] },
    ],
  });
  t.ok(guard.may('live', 'gate'));
  t.notOk(guard.may('playback', 'gate'), 'the list does not say so');
  t.notOk(guard.may('playback'), 'nor for any other');
  t.ok(guard.may('record', 'gate'), 'of the role, for a camera on the list');
  t.notOk(guard.may('live', 'yard'));
  t.notOk(guard.may('live', 'vault'));
  t.notOk(guard.may('record', 'vault'));
  t.ok(seesCamera(guard, 'gate'));
  t.ok(seesCamera(guard, 'yard'), 'on the list, with nothing but its name');
  t.notOk(seesCamera(guard, 'vault'));
  t.notOk(seesCamera(guard, EVERY_CAMERA));
  const viewer = allowanceOf({ role: 'viewer', cameras: [{ camera: 'gate', rights: [...CAMERA_RIGHTS] }] });
  t.notOk(viewer.may('ptz', 'gate'), 'a list adds nothing to the role');
  const owner = allowanceOf({ role: 'administrator', cameras: [] });
  t.ok(owner.may('live', 'vault'), 'administrators see everything');
});

t.test('nobody gives what they do not have', async (t) => {
  const narrow = [{ camera: 'gate', rights: ['live' as const] }];
  const keeper = allowanceOf({ role: 'custom', rights: ['users', 'live'], cameras: narrow });
  t.ok(covers(keeper, { role: 'custom', rights: ['live'], cameras: narrow }));
  t.notOk(covers(keeper, { role: 'custom', rights: ['live'] }), 'all cameras');
  t.notOk(covers(keeper, { role: 'custom', rights: ['disks'], cameras: narrow }), 'another right');
  t.notOk(
    covers(keeper, { role: 'custom', rights: ['live'], cameras: [{ camera: 'yard', rights: ['live'] }] }),
    'another camera',
  );
  t.notOk(covers(keeper, { role: 'administrator', cameras: narrow }));
  t.ok(covers(allowanceOf({ role: 'administrator' }), { role: 'administrator' }));
  const both = bothOf(keeper, allowanceOf({ role: 'viewer' }));
  t.ok(both.may('live', 'gate'));
  t.notOk(both.may('users'));
});
