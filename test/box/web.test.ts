import t from 'tap';
import { Box, cameraAt } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';

t.setTimeout(180_000);

const PASSWORD = 'correct horse battery staple';

/** Sets the box up and signs in, through the door of this machine. */
async function signIn(box: Box): Promise<(path: string, json: unknown) => Promise<Response>> {
  const post = (path: string, json: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${box.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  const claimed = await box.call<{ claimed: boolean; claimCode?: string }>('box.claimed');
  if (!claimed.claimed)
    await post('/api/box/claim', { claimCode: claimed.claimCode, user: 'admin', password: PASSWORD });
  const answer = await post('/api/session', { name: 'admin', password: PASSWORD });
  const { csrf } = (await answer.json()) as { csrf: string };
  const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  return (path, json) => post(path, json, { cookie, origin: box.url, 'x-csrf-token': csrf });
}

t.test('settings change while cameras that they are not about lose no picture', { timeout: 120_000 }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a' }, { path: 'b' }] });
  t.teardown(() => farm.stop());
  const cameras = [cameraAt('a', farm.url('a')), cameraAt('b', farm.url('b'))];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 5 } } });
  await box.untilRecording();
  const [, shown = ''] = /^For everybody: (https:\/\/\S+)$/m.exec(box.output) ?? [];
  t.not(new URL(shown).port, new URL(box.url).port, 'it says where others find it');
  t.notMatch(shown, /0\.0\.0\.0/);
  const ask = await signIn(box);
  for (let round = 0; round < 20; round++) {
    const patch = {
      box: { name: `Box ${round}` },
      cameras: { a: { name: `A ${round}`, mode: round % 2 === 0 ? 'manual' : 'continuous' } },
    };
    t.equal((await ask('/api/config/set', { patch })).status, 200);
  }
  await box.untilSegments('b', 2);
  t.equal(await box.stop(), 0);
  const files = (await box.segments('b')).map(({ file }) => file);
  const sent = farm.camera('b').sessions.flatMap(({ sentFrames }) => sentFrames);
  const recorded = await recordedOrdinals(...files);
  t.strictSame(compareOrdinals(sent, recorded), { missing: [], unexpected: [], repeated: [], disordered: 0 });
  t.equal(farm.camera('b').sessions.length, 1, 'it was never even asked anew');
});

t.test('killed in the middle of changes, the box has the old settings or the new', { timeout: 120_000 }, async (t) => {
  const box = await Box.start(t);
  let ask = await signIn(box);
  for (let round = 0; round < 2; round++) {
    const seen = { done: -1, asked: -1 };
    const enough = 5 + round * 4;
    const changing = (async () => {
      for (;;) {
        seen.asked++;
        const patch = {
          box: { name: `Box ${seen.asked}` },
          site: { timeZone: seen.asked % 2 === 0 ? 'Asia/Shanghai' : 'UTC' },
        };
        if ((await ask('/api/config/set', { patch })).status === 200) seen.done = seen.asked;
      }
    })().catch(() => undefined);
    while (seen.done < enough) await ask('/api/config/get', {});
    await box.kill();
    await changing;
    await box.run();
    ask = await signIn(box);
    const settings = (await (await ask('/api/config/get', {})).json()) as {
      box: { name: string };
      site: { timeZone: string };
    };
    const { done, asked } = seen;
    const number = Number(/^Box (\d+)$/.exec(settings.box.name)?.[1]);
    t.ok(number === done || number === asked, `${done} was answered, ${asked} was asked, ${number} is there`);
    t.equal(settings.site.timeZone, number % 2 === 0 ? 'Asia/Shanghai' : 'UTC', 'whole');
  }
});
