import { Worker } from 'node:worker_threads';
import t from 'tap';
import { BoxError, Questions, type Answered } from '../../firmware/base/index.ts';

/** Answers `ok` with itself, `bad` with an error, and nothing else. */
const PEER = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ id, text }) => {
  if (text === 'ok') parentPort.postMessage({ id, answer: text });
  if (text === 'bad') parentPort.postMessage({ id, error: ${JSON.stringify(new BoxError('jobs.busy', { volume: 'v' }).toJSON())} });
});`;

t.test('each question to a thread has one end', async (t) => {
  const worker = new Worker(PEER, { eval: true });
  t.teardown(() => worker.terminate());
  const questions = new Questions();
  worker.on('message', (message: Answered) => questions.answered(message));
  const ask = (text: unknown, ms?: number): Promise<unknown> =>
    questions.ask(
      (id) => worker.postMessage({ id, text }),
      ms === undefined ? undefined : { ms, late: () => new BoxError('recording.timeout') },
    );
  t.equal(await ask('ok', 60_000), 'ok');
  await t.rejects(ask('bad'), { code: 'jobs.busy', context: { volume: 'v' } });
  await t.rejects(ask('nothing', 1), { code: 'recording.timeout' });
  await t.rejects(
    ask(() => 'cannot be sent'),
    /could not be cloned/,
  );
  t.equal(questions.size, 0, 'none is left behind');
  const [one, other] = [ask('nothing'), ask('nothing', 60_000)];
  t.equal(questions.size, 2);
  questions.giveUp(() => new BoxError('recording.restarting'));
  await t.rejects(one, { code: 'recording.restarting' });
  await t.rejects(other, { code: 'recording.restarting' });
  questions.answered({ id: 1, answer: 'late' });
  t.equal(questions.size, 0);
});
