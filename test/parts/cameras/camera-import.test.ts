import t, { type Test } from 'tap';
import { SettingsStore } from '../../../firmware/config/index.ts';
import type { TerminalsPort } from '../../../firmware/control/index.ts';
import { cameraTable } from '../../../firmware/supervisor/camera-table.ts';
import { tempFolder } from '../../support/temp-folder.ts';

type AddMany = TerminalsPort['addMany'];

async function tableIn(t: Test, addMany?: AddMany) {
  const store = await SettingsStore.open(await tempFolder(t));
  return { store, ...cameraTable(store, addMany) };
}

t.test('what is wrong with a table is said of its row, and then nothing is changed', async (t) => {
  const { store, importCsv } = await tableIn(t);
  const good = 'door,rtsp://10.0.0.1/a,';
  const bad: readonly (readonly [string, RegExp])[] = [
    ['yard,rtsp://10.0.0.2/a,always', /row 3 \(yard\): mode/],
    ['yard,file:///etc/passwd,', /row 3 \(yard\): streams.*rtsp/],
    ['yard,rtsp://me:secret@10.0.0.2/a,', /row 3 \(yard\): streams/],
    ['yard,,', /row 3 \(yard\): a new camera needs/],
    ['T\ufffdr,rtsp://10.0.0.2/a,', /CSV UTF-8/],
  ];
  for (const [line, reason] of bad) {
    await t.rejects(importCsv(`name,main,mode\n${good}\n${line}\n`), {
      code: 'cameras.bad-table',
      context: { reason },
    });
  }
  const twice = 'id,name,main\na,x,rtsp://10.0.0.1/a\na,y,rtsp://10.0.0.2/a\n';
  await t.rejects(importCsv(twice), {
    code: 'cameras.bad-table',
    context: { reason: /row 3 .*row 2 has the id a, too/ },
  });
  const lines = Array.from({ length: 10_000 }, (_, n) => `c${n},rtsp://10.1.0.1/${n},`);
  await t.rejects(importCsv(`name,main,mode\n${lines.join('\n')}`), {
    code: 'cameras.bad-table',
    context: { reason: /more than 256 rows/ },
  });
  t.strictSame(store.settings.cameras, []);
});

t.test('a table that comes again adds nothing twice, and odd names come back', async (t) => {
  const { store, importCsv, exportCsv } = await tableIn(t);
  const table =
    '\ufeffname;main;groups\r\n"Tür ""Süd"", A";rtsp://10.0.0.1/a;"B; C"\r\n\'=1+1;rtsp://10.0.0.2/a;\r\n大门;rtsp://10.0.0.3/a;\r\n';
  t.match(await importCsv(table), { added: 3, changed: 0 });
  t.match(await importCsv(table), {
    added: 0,
    changed: 0,
    rows: [{ error: { code: 'cameras.already-there' } }, {}, {}],
  });
  t.equal(store.settings.cameras.length, 3);
  await store.update((draft) => void (draft.cameras[1]!.name = "'=1+1"));
  const before = exportCsv();
  t.notMatch(before, /(^|,)"?[=+@-]/m);
  t.match(await importCsv(before), { added: 0, changed: 3 });
  t.equal(exportCsv(), before);
  t.strictSame(
    store.settings.cameras.map(({ name }) => name),
    ['Tür "Süd", A', "'=1+1", '大门'],
  );
});

t.test('a new camera with an ONVIF address only is asked, with its own login', async (t) => {
  const asked: Parameters<AddMany>[0][] = [];
  const { store, importCsv } = await tableIn(t, async (wanted) => {
    asked.push(wanted);
    await store.update((draft) => {
      for (const { address, name } of wanted.cameras) {
        const streams = [{ id: 'main', url: `rtsp://${new URL(address).host}/found` }];
        draft.cameras.push({ id: name, name, streams, onvif: { url: address } } as never);
      }
    });
    const added = wanted.cameras.map(({ address, name }) => ({ address, camera: name, name }));
    return { added, room: { enough: true, bytesPerDay: 0 } };
  });
  const rows = [
    'gate,http://10.0.0.1/onvif/device_service,admin,one,,Yard,5',
    'hall,http://10.0.0.2/onvif/device_service,admin,one,,,',
    'roof,http://10.0.0.3/onvif/device_service,admin,two,event,,',
  ];
  const answer = await importCsv(`name,onvif,username,password,mode,groups,order\n${rows.join('\n')}\n`);
  t.match(answer, { added: 3, changed: 0, rows: [{ camera: 'gate' }, { camera: 'hall' }, { camera: 'roof' }] });
  t.match(asked, [
    { cameras: [{ name: 'gate' }, { name: 'hall' }], password: 'one', mode: 'continuous' },
    { cameras: [{ name: 'roof' }], password: 'two', mode: 'event' },
  ]);
  t.match(store.settings.cameras[0], { groups: ['Yard'], order: 5, streams: [{ url: 'rtsp://10.0.0.1/found' }] });
  const stopped = await tableIn(t);
  await t.rejects(stopped.importCsv('name,onvif\ngate,http://10.0.0.1/onvif/device_service\n'), {
    code: 'cameras.bad-table',
    context: { reason: /row 2 \(gate\).*start the box/ },
  });
});
