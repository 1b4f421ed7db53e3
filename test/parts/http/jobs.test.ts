import t from 'tap';
import { BoxError } from '../../../firmware/base/index.ts';
import type { BoxMessage } from '../../../firmware/http/live-messages.ts';
import { emptyBox } from '../../support/empty-box.ts';
import { Follower, isType } from '../../support/live-follower.ts';
import { WebLab, type Answer } from '../../support/web-lab.ts';

t.setTimeout(240_000);

t.test(
  '4. what came of a job is for who began it; whoever sets the box up knows that it runs, if they see every camera',
  async (t) => {
    const empty = emptyBox();
    const cameras = ['gate', 'vault'].map((id) => ({ id, name: id, streams: [] })) as never;
    const probe = Promise.withResolvers<never>();
    const lab = await WebLab.start(t, {
      box: { probe: () => probe.promise, settings: { ...empty.settings, cameras: () => cameras } },
    });
    await lab.claim();
    const session = await lab.signIn();
    const headers = { ...session, prefer: 'respond-async' };
    const begin = async (headers: Record<string, string>): Promise<string> => {
      const begun = await lab.ask({ path: '/api/cameras/test', json: { url: 'rtsp://192.0.2.1/a' }, headers });
      return String(begun.body['id']);
    };
    const id = await begin(headers);
    const only = [{ camera: 'gate', rights: ['live'] }];
    const [all, some] = await Promise.all([
      lab.token(session, { rights: ['settings', 'cameras', 'users'] }),
      lab.token(session, { rights: ['settings', 'cameras'], cameras: only }),
    ]);
    const [allLive, someLive, ownLive] = [new Follower(lab, all), new Follower(lab, some), new Follower(lab, session)];
    for (const each of [allLive, someLive, ownLive]) {
      await each.until(isType('hello'));
      each.send({ type: 'subscribe', topics: ['jobs'] });
      await each.until(isType('snapshot'));
    }
    probe.reject(new BoxError('rtsp.refused', { host: '192.0.2.77' }));
    const told = (message: BoxMessage): message is BoxMessage => JSON.stringify(message).includes('"state":"failed"');
    await ownLive.until(told);
    await allLive.until(told);
    const get = (who: Record<string, string>): Promise<Answer> =>
      lab.ask({ path: `/api/jobs/get?id=${id}`, headers: who });
    t.match((await get(session)).body, { state: 'failed', error: { context: { host: '192.0.2.77' } } });
    t.match((await get(all)).body, { state: 'failed', by: 'admin', error: { code: 'rtsp.refused' } });
    t.equal((await get(some)).status, 404);
    t.strictSame((await lab.ask({ path: '/api/jobs/list', headers: some })).body, { items: [] });
    someLive.send({ type: 'ping', id: 1 });
    await someLive.until(isType('pong'));
    t.match(ownLive.texts.join(' '), /192\.0\.2\.77/);
    for (const seen of [allLive.texts.join(' '), (await get(all)).text])
      t.notMatch(seen, /192\.0\.2\.77/, 'nothing more');
    t.notMatch(someLive.texts.join(' '), id);
    const [one, other] = [
      await lab.token(session, { rights: ['cameras'] }),
      await lab.token(session, { rights: ['cameras'] }),
    ];
    const theirs = await begin({ ...one, prefer: 'respond-async' });
    const seenBy = async (who: Record<string, string>): Promise<number> =>
      (await lab.ask({ path: `/api/jobs/get?id=${theirs}`, headers: who })).status;
    t.equal(await seenBy(one), 200);
    t.equal(await seenBy(other), 404, 'another token of the same name');
    for (const user of ['token/machine', 'Token/x', 'local', ' LOCAL ']) {
      const json = { user, password: 'correct horse battery staple', role: 'viewer' };
      t.match(await lab.ask({ path: '/api/users/add', headers: session, json }), { status: 400 }, user);
    }
    for (const each of [allLive, someLive, ownLive]) each.close();
  },
);
