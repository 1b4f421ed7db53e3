import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { digestAnswer, freePorts, RtspPlayer, type RtspLogin } from '../support/rtsp-player.ts';

t.setTimeout(180_000);

interface Made extends RtspLogin {
  readonly id: string;
}

interface LogLine {
  readonly what: string;
  readonly result: string;
  readonly subject?: string;
}

t.test('rights of players', async (t) => {
  const farm = await CameraFarm.start({ cameras: ['shop', 'vault'].map((path) => ({ path, clip: 'small' })) });
  t.teardown(() => farm.stop());
  const port = await freePorts();
  const rtspServer = { enabled: true, host: '127.0.0.1', port, securePort: 0, udpPort: 0, maxReaders: 2 };
  const cameras = ['shop', 'vault'].map((each) => cameraAt(each, farm.url(each)));
  const box = await Box.start(t, { settings: { cameras, rtspServer } });
  await box.untilRecording();
  const all = await box.call<Made>('rtsp.passwords.create', { label: 'all' });
  const one = await box.call<Made>('rtsp.passwords.create', { label: 'one', cameras: ['shop'] });
  const base = `rtsp://127.0.0.1:${port}`;
  const open = async (path: string, login?: RtspLogin): Promise<RtspPlayer> => {
    const player = await RtspPlayer.open(`${base}${path}`, login);
    t.teardown(() => player.close());
    return player;
  };

  await t.test('1. without a password there is nothing but what the server can do', async (t) => {
    const stranger = await open('/shop/main');
    t.equal((await stranger.ask('OPTIONS')).status, 200);
    for (const path of ['/shop/main', '/vault/main', '/nowhere/main', '/']) {
      for (const method of ['DESCRIBE', 'SETUP', 'PLAY']) {
        t.equal((await stranger.ask(method, `${base}${path}`)).status, 401, `${method} ${path}`);
      }
    }
    t.equal((await stranger.ask('ANNOUNCE')).status, 501);
    const wrong = await open('/shop/main', { user: all.user, password: 'wrong' });
    t.equal((await wrong.ask('DESCRIBE')).status, 401);
  });

  await t.test('4. a camera without the right is one that does not exist', async (t) => {
    const player = await open('/vault/main', one);
    const told = async (path: string): Promise<string> => {
      const { status, headers, body } = await player.ask('DESCRIBE', `${base}${path}`);
      return JSON.stringify([status, [...headers].filter(([name]) => name !== 'cseq'), body]);
    };
    t.match(await told('/vault/main'), /^\[404,/);
    t.equal(await told('/vault/main'), await told('/nowhere/main'));
    t.equal(await told('/vault'), await told('/nowhere'));
    t.equal((await player.ask('DESCRIBE', `${base}/shop/other`)).status, 404);
    t.equal((await player.ask('SETUP', `${base}/vault/main/trackID=0`, { Transport: 'RTP/AVP/TCP' })).status, 404);
    t.equal((await player.ask('DESCRIBE', `${base}/shop/main`)).status, 200);
    // What one was let in for is no way to another one.
    t.equal((await player.ask('SETUP', `${base}/vault/main/trackID=0`, { Transport: 'RTP/AVP/TCP' })).status, 404);
    player.close();
  });

  await t.test('11. what was seen on the wire opens nothing on another connection', async (t) => {
    const first = await open('/shop/main');
    const { headers } = await first.ask('DESCRIBE');
    const challenge = headers.get('www-authenticate')!;
    const authorization = { Authorization: digestAnswer(challenge, all, 'DESCRIBE', first.url) };
    const second = await open('/shop/main');
    t.equal((await second.ask('DESCRIBE', second.url, authorization)).status, 401);
    t.equal((await first.ask('DESCRIBE', first.url, authorization)).status, 200, 'where it belongs it does');
    first.close();
  });

  await t.test('41. so many readers and no more', async (t) => {
    const players = [await open('/shop/main', all), await open('/vault/main', all), await open('/shop/main', all)];
    t.equal((await players[0]!.ask('DESCRIBE')).status, 200);
    t.equal((await players[1]!.ask('DESCRIBE')).status, 200);
    t.equal((await players[2]!.ask('DESCRIBE')).status, 453);
    players[0]!.close();
    for (;;) if ((await players[2]!.ask('DESCRIBE')).status === 200) break;
    t.pass('a place that was given back');
    for (const player of players) player.close();
  });

  await t.test('14. a stream ends when its password is revoked', async (t) => {
    const player = await open('/shop/main', one);
    for (;;) if ((await player.play()).at(-1)?.status === 200) break;
    await player.client.until(() => player.client.rtp(0).length > 5);
    await box.call('rtsp.passwords.revoke', { id: one.id });
    await player.client.untilClosed();
    const again = await open('/shop/main', one);
    t.equal((await again.ask('DESCRIBE')).status, 401);
  });

  await t.test('8. guesses at passwords have to wait', async (t) => {
    let status = 0;
    let retry: string | undefined;
    for (let n = 0; n < 40 && status !== 503; n++) {
      const player = await open('/shop/main', { user: all.user, password: `wrong${n}` });
      const answer = await player.ask('DESCRIBE');
      status = answer.status;
      retry = answer.headers.get('retry-after');
      player.close();
    }
    t.equal(status, 503);
    t.match(retry, /^\d+$/);
  });

  await t.test('27, 44. the log knows who watched and who was refused, and no password', async (t) => {
    const { entries } = await box.call<{ entries: LogLine[] }>('log.list', { limit: 500 });
    const has = (operation: string, result: string, subject?: string): boolean =>
      entries.some(
        (line) => line.what === operation && line.result === result && (!subject || line.subject === subject),
      );
    t.ok(has('live.watch', 'ok', 'shop'));
    t.ok(has('live.watch', 'control.no-such-camera', 'vault'));
    t.ok(has('rtsp.sign-in', 'ok'));
    t.ok(has('rtsp.sign-in', 'accounts.refused'));
    t.ok(has('rtsp.passwords.create', 'ok'));
    t.ok(has('rtsp.passwords.revoke', 'ok'));
    const told = `${JSON.stringify(entries)}${box.output}${JSON.stringify(await box.call('rtsp.passwords.list'))}`;
    for (const { password } of [all, one]) t.notOk(told.includes(password));
  });

  await t.test('switched off, the ports are closed without a restart', async (t) => {
    const listens = async (port: number): Promise<unknown> => {
      const look = async (): Promise<true | undefined> =>
        (await box.call<{ port: number }>('rtsp.show')).port === port ? true : undefined;
      return until(`the server listens at ${port}`, look);
    };
    await box.call('config.set', { patch: { rtspServer: { enabled: false } } });
    await listens(0);
    await t.rejects(RtspPlayer.open(`${base}/shop/main`, all), { code: 'ECONNREFUSED' });
    await box.call('config.set', { patch: { rtspServer: { enabled: true } } });
    await listens(port);
    const player = await RtspPlayer.open(`${base}/shop/main`);
    t.equal((await player.ask('OPTIONS')).status, 200);
    player.close();
  });
});
