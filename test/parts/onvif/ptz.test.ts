import t from 'tap';
import type { PtzControl } from '../../../firmware/onvif/index.ts';
import { halfView } from '../../support/onvif-camera/panorama.ts';
import { onvifLab, type Lab } from '../../support/onvif-lab.ts';
import { until } from '../../support/until.ts';

async function opened({ camera, signal }: Lab): Promise<PtzControl> {
  const control = await camera.ptz(signal);
  if (!control) throw new Error('it does not move');
  return control;
}

t.test('what a camera can move is read from its node', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  t.strictSame(control.abilities, {
    continuous: { panTilt: true, zoom: true },
    relative: { panTilt: true, zoom: true },
    absolute: { panTilt: true, zoom: true },
    home: true,
    maxPresets: 100,
    auxiliary: ['tt:Wiper|On'],
    focus: { continuous: true, relative: true, absolute: true },
    iris: true,
  });
});

t.test('B14: a camera without a configuration in its profiles does not move, whatever it lists', async (t) => {
  const still = { name: 'main', codec: 'H264', width: 1280, height: 720, fps: 25, bitrateKbps: 1000 } as const;
  const fixed = await onvifLab(t, { profiles: [{ ...still, token: '1', streamUrl: 'rtsp://127.0.0.1/1' }] });
  t.equal(await fixed.camera.ptz(fixed.signal), undefined);
  const without = await onvifLab(t, { services: ['device', 'media', 'events'] });
  t.equal(await without.camera.ptz(without.signal), undefined);
  const nodeless = await onvifLab(t);
  nodeless.simulated.faults.refuse.GetNodes = ['env:Receiver', 'ter:ActionNotSupported'];
  t.equal(await nodeless.camera.ptz(nodeless.signal), undefined);
});

t.test('a move goes on until it is stopped, and the position says where it is', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  const { head } = lab.simulated;
  await control.move({ pan: 1, tilt: -0.5 }, lab.signal);
  t.equal(head.moving, true);
  await until(() => head.place.pan > 0.05);
  t.match(await control.status(lab.signal), { moving: true });
  await control.stop();
  t.equal(head.moving, false);
  const { position, moving } = await control.status(lab.signal);
  t.equal(moving, false);
  t.ok(position!.pan! > 0.05 && position!.tilt! < 0);
});

t.test('a move that nobody stops ends by its limit', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  await control.move({ zoom: 1 }, lab.signal, 50);
  await until(() => lab.simulated.head.orders.some(({ order }) => order === 'stop'));
  t.equal(lab.simulated.head.moving, false);
});

t.test('closing stops what moves, and a stop that was missed is told again', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  await control.move({ pan: -1 }, lab.signal);
  await lab.simulated.goAway();
  const closing = control.close();
  await lab.simulated.listen();
  await closing;
  t.equal(lab.simulated.head.orders.at(-1)?.order, 'stop');
  t.equal(lab.simulated.head.moving, false);
});

t.test('a stop that comes while moves are on their way is the last word', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  const moves = [0.1, 0.2, 0.3, 0.4].map((pan) => control.move({ pan }, lab.signal));
  const stop = control.stop();
  await Promise.all([...moves, stop]);
  t.equal(lab.simulated.head.moving, false);
  t.ok(lab.simulated.count('ContinuousMove') <= 2, 'those that waited were left out');
});

t.test('B15: without relative movement a nudge is a short move; without absolute there is none', async (t) => {
  const lab = await onvifLab(t);
  lab.simulated.faults.missingSpaces = ['Relative', 'Absolute'];
  const control = await opened(lab);
  t.match(control.abilities, { relative: { panTilt: false }, absolute: { zoom: false } });
  await control.nudge({ pan: 0.2 }, lab.signal);
  t.same(
    lab.simulated.head.orders.map(({ order }) => order),
    ['move', 'stop'],
  );
  t.ok(lab.simulated.head.place.pan > 0);
  await t.rejects(control.goTo({ pan: 0, tilt: 0 }, lab.signal), { code: 'onvif.not-supported' });
});

t.test('a point of the picture comes to its middle: by the field of view, else about as far', async (t) => {
  const lab = await onvifLab(t);
  const { head } = lab.simulated;
  const exact = await opened(lab);
  await exact.goTo({ pan: 0.1, tilt: 0, zoom: 1 }, lab.signal);
  await exact.centre({ x: 1, y: -0.5 }, lab.signal);
  const { pan, tilt } = halfView(1);
  t.match(head.place, { pan: 0.1 + pan, tilt: -0.5 * tilt, zoom: 1 });
  // Without distances in the picture it goes the right way, and less far the narrower the view is.
  const way = async (missing: readonly string[], zoom: number): Promise<{ pan: number; tilt: number }> => {
    lab.simulated.faults.missingSpaces = missing;
    const control = await opened(lab);
    head.goTo({ pan: 0, tilt: 0, zoom });
    await control.centre({ x: 1, y: -1 }, lab.signal);
    return head.place;
  };
  const wide = await way(['TranslationSpaceFov'], 0);
  const narrow = await way(['TranslationSpaceFov'], 1);
  t.ok(narrow.pan > 0 && narrow.pan < wide.pan / 10, `${narrow.pan} of ${wide.pan}`);
  t.ok(wide.pan > 0 && wide.tilt < 0);
  const begun = head.orders.length;
  const short = await way(['Relative'], 0);
  t.ok(short.pan > 0 && short.tilt < 0 && !head.moving);
  t.same(
    head.orders.slice(begun).map(({ order }) => order),
    ['goto', 'move', 'stop'],
    'a short move and a stop',
  );
});

t.test('B16, B17: only what a camera has a space for is sent, with a limit only if it takes one', async (t) => {
  const lab = await onvifLab(t);
  lab.simulated.faults.missingSpaces = ['ContinuousPanTilt'];
  lab.simulated.faults.maxMoveTimeoutMs = 1000;
  const control = await opened(lab);
  t.match(control.abilities.continuous, { panTilt: false, zoom: true });
  await control.move({ pan: 1, tilt: 1, zoom: 0.5 }, lab.signal);
  t.equal(lab.simulated.head.moving, true);
  await control.stop();
  await t.rejects(control.move({ pan: 1 }, lab.signal), { code: 'onvif.not-supported' });
});

t.test('distances, positions, home', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  await control.goTo({ pan: 0.5, tilt: -0.25, zoom: 0.1 }, lab.signal);
  await control.nudge({ pan: -0.2 }, lab.signal);
  const { position } = await control.status(lab.signal);
  t.match(position, { pan: 0.3, tilt: -0.25, zoom: 0.1 });
  await control.setHome(lab.signal);
  await control.goTo({ pan: -1, tilt: 1 }, lab.signal);
  await control.goHome(lab.signal);
  t.equal(lab.simulated.head.place.pan, 0.3);
  await control.auxiliary('tt:Wiper|On', lab.signal);
  t.equal(lab.simulated.count('SendAuxiliaryCommand'), 1);
});

t.test('B18: presets are kept, called, renamed and removed by their token', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  await control.goTo({ pan: 0.5, tilt: 0.5, zoom: 0 }, lab.signal);
  const gate = await control.setPreset('Gate <1> & "2"', lab.signal);
  const twin = await control.setPreset('Gate <1> & "2"', lab.signal);
  t.not(gate, twin, 'names may repeat');
  await control.goTo({ pan: -0.5, tilt: 0, zoom: 0 }, lab.signal);
  await control.goToPreset(gate, lab.signal);
  t.equal(lab.simulated.head.place.pan, 0.5);
  await control.setPreset('Yard', lab.signal, twin);
  await control.removePreset(gate, lab.signal);
  t.match(await control.presets(lab.signal), [{ token: twin, name: 'Yard', position: { pan: 0.5 } }]);
  await t.rejects(control.goToPreset(gate, lab.signal), { code: 'onvif.refused' });
});

t.test('A41: after a restart with other tokens the profile is found again by name and size', async (t) => {
  const lab = await onvifLab(t);
  const control = await opened(lab);
  lab.simulated.faults.tokenSuffix = '-new';
  await control.move({ pan: 1 }, lab.signal);
  t.equal(lab.simulated.head.moving, true);
  await control.stop();
});

t.test('B20: focus and iris are moved by the imaging service', async (t) => {
  const lab = await onvifLab(t);
  const { lens } = await opened(lab);
  await lens.moveFocus(-0.5, lab.signal);
  t.equal(lab.simulated.lens.speed, -0.5);
  await lens.stopFocus();
  t.equal(lab.simulated.lens.speed, 0);
  await lens.setFocus(0.75, lab.signal);
  await lens.nudgeFocus(-0.25, lab.signal);
  t.equal(lab.simulated.lens.focus, 0.5);
  await lens.setIris(1, lab.signal);
  t.equal(lab.simulated.lens.iris, 0);
  t.equal(await lens.iris(lab.signal), 1);
});

t.test('C25: a camera that cannot move its lens offers none of it', async (t) => {
  const lab = await onvifLab(t);
  Object.assign(lab.simulated.faults.refuse, {
    GetMoveOptions: ['env:Receiver', 'ter:ActionNotSupported'],
    GetOptions: ['env:Receiver', 'ter:ActionNotSupported'],
  });
  const control = await opened(lab);
  t.match(control.abilities, { focus: { continuous: false }, iris: false });
  t.throws(() => control.lens, { code: 'onvif.not-supported' });
});
