import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, until } from '../support/box.ts';
import { OnvifCamera } from '../support/onvif-camera/onvif-camera.ts';
import { tempFolder } from '../support/temp-folder.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };

t.setTimeout(300_000);

t.test('a camera is asked, steered and changed from the command line', async (t) => {
  const camera = await OnvifCamera.start({ login: LOGIN });
  t.teardown(() => camera.stop());
  const streams = [{ id: 'main', url: 'rtsp://127.0.0.1:9/main' }];
  const { user: username, password } = LOGIN;
  const gate = { id: 'gate', mode: 'manual', username, password, onvif: { url: camera.url }, streams };
  const other = { id: 'other', mode: 'manual', streams: [{ id: 'main', url: 'rtsp://127.0.0.1:9/other' }] };
  const box = await Box.start(t, { settings: { cameras: [gate, other] } });
  const { head } = camera;
  const says = async (words: string, out = /./): Promise<void> => {
    const outcome = await box.cli(words.split(' '));
    t.equal(outcome.code, 0, `${words}: ${outcome.stderr}`);
    t.match(outcome.stdout, out);
  };
  const last = (): unknown => head.orders.at(-1)?.order;

  await t.test('it moves by a distance, to a position, and at a speed, also below zero', async (t) => {
    await says('ptz nudge gate --pan -0.25');
    await until('the nudge', async () => (head.place.pan === -0.25 ? true : undefined));
    await says('ptz goto gate --pan 0.5 --tilt -0.5 --zoom 0.25');
    await until('the position', async () => (head.place.pan === 0.5 && head.place.tilt === -0.5 ? true : undefined));
    await says('ptz home set gate');
    await says('ptz move gate --pan -1 --seconds 10');
    await says('ptz stop gate');
    t.ok(head.place.pan < 0.5, `it has turned to ${head.place.pan}`);
    await says('ptz goto gate');
    await until('home', async () => (head.place.pan === 0.5 ? true : undefined));
    t.ok(last() !== undefined);
  });

  await t.test('its lens is moved', async (t) => {
    await says('ptz focus gate near');
    await says('ptz focus gate stop');
    await says('ptz iris gate 0.75');
    t.ok(camera.seen.includes('Move') && camera.seen.includes('SetImagingSettings'), camera.seen.join(' '));
    t.equal((await box.cli(['ptz', 'focus', 'gate', 'nearer'])).code, 2);
  });

  await t.test('inputs and outputs', async () => {
    await says('cameras inputs gate', /I1\s+idle/);
    await until('heard', async () => (camera.events.open > 0 ? true : undefined));
    camera.setInput('I1', true);
    await until('the input', async () => {
      const [input] = await box.call<{ active: boolean }[]>('cameras.inputs', { camera: 'gate' });
      return input?.active === true ? true : undefined;
    });
    await says('cameras inputs gate', /I1\s+active/);
    await says('cameras relays gate', /R1/);
    await says('cameras relay gate R1 on');
    t.ok(camera.seen.includes('SetRelayOutputState'));
  });

  await t.test('groups, order and login are changed, and lists keep the order', async (t) => {
    await says('cameras set gate --order 5 --groups Yard,North --labels dome');
    await says('cameras set other --order 3');
    const ids = (await box.call<{ id: string }[]>('cameras.list')).map(({ id }) => id);
    t.strictSame(ids, ['other', 'gate']);
    const standing = await box.call<{ camera: string; groups: string[] }[]>('cameras.standing');
    t.match(standing, [{ camera: 'other' }, { camera: 'gate', groups: ['Yard', 'North'], labels: ['dome'] }]);
    const status = await box.call<{ cameras: { id: string }[] }>('box.status');
    t.strictSame(
      status.cameras.map(({ id }) => id),
      ['other', 'gate'],
    );
    const file = join(await tempFolder(t), 'password');
    await writeFile(file, 'another secret\n');
    camera.doorman.login = { user: 'keeper', password: 'another secret' };
    await says(`cameras set gate --username keeper --password-file ${file}`);
    await says('cameras clock gate', /[0-9.]+ s (behind|ahead of) the box/);
    // Only whoever has the new login may do this.
    await says('cameras relay gate R1 on');
    await says('cameras set other --enabled no');
    t.notOk((await box.call<{ id: string; enabled: boolean }[]>('cameras.list'))[0]!.enabled);
  });
});
