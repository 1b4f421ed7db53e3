import t from 'tap';
import { systemClock, type Clock } from '../../../firmware/base/index.ts';
import type { CameraEvent, EventsState } from '../../../firmware/onvif/index.ts';
import { onvifLab, type Lab } from '../../support/onvif-lab.ts';
import { until } from '../../support/until.ts';

interface Heard {
  readonly events: CameraEvent[];
  readonly states: EventsState[];
  readonly ended: Promise<void>;
  end(): void;
}

function hear({ camera }: Lab): Heard {
  const ending = new AbortController();
  const events: CameraEvent[] = [];
  const states: EventsState[] = [];
  const sink = { event: (event: CameraEvent) => events.push(event), state: (state: EventsState) => states.push(state) };
  const ended = camera.listen(sink, ending.signal);
  return { events, states, ended, end: () => ending.abort() };
}

async function listening(heard: Heard): Promise<void> {
  await until(() => heard.states.some(({ state }) => state === 'listening'));
}

/** A clock that stands still, and whose pauses end when the test says so. */
class Naps {
  readonly clock: Clock = {
    ...systemClock,
    monoUs: () => 0,
    sleep: (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      this.#waiting.push({ ms, over: resolve });
      this.#wake();
      return promise;
    },
  };
  readonly #waiting: { readonly ms: number; readonly over: () => void }[] = [];
  #wake = (): void => undefined;

  async next(): Promise<{ readonly ms: number; readonly over: () => void }> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#waiting.shift()!;
  }
}

t.setTimeout(120_000);

t.test('B7: motion is told once at its beginning and once at its end, in the time of the box', async (t) => {
  const lab = await onvifLab(t, { clockOffsetMs: -9 * 365 * 86_400_000 });
  const heard = hear(lab);
  await listening(heard);
  lab.simulated.setMotion(true);
  await until(() => heard.events.length > 0);
  lab.simulated.setMotion(true);
  lab.simulated.setMotion(false);
  await until(() => heard.events.length > 1);
  lab.simulated.setInput('I1', true);
  await until(() => heard.events.length > 2);
  t.match(heard.events, [
    { kind: 'motion', active: true, source: 'VS0', initial: false },
    { kind: 'motion', active: false, source: 'VS0' },
    { kind: 'digital-input', active: true, source: 'I1', topic: 'Device/Trigger/DigitalInput' },
  ]);
  t.equal(heard.events.length, 3);
  t.ok(heard.events.every(({ atMs }) => Math.abs(atMs - Date.now()) < 60_000));
  heard.end();
  await heard.ended;
  t.equal(lab.simulated.events.ended, 1, 'A44: unsubscribed at the end');
  t.equal(lab.simulated.events.open, 0);
});

t.test('42. a camera that tells without end is heard in portions', async (t) => {
  const naps = new Naps();
  const lab = await onvifLab(t, { deps: { clock: naps.clock } });
  const { simulated } = lab;
  simulated.faults.raw = {
    PullMessages: envelope(
      '<PullMessagesResponse><NotificationMessage><Topic>tns1:VideoSource/MotionAlarm</Topic></NotificationMessage></PullMessagesResponse>',
    ),
  };
  const heard = hear(lab);
  for (let pulls = 1; pulls <= 3; pulls++) {
    const { ms, over } = await naps.next();
    t.ok(ms > 0 && ms <= 1000, `a pause of ${ms} ms`);
    t.equal(simulated.count('PullMessages'), pulls, 'it is not asked again before that');
    over();
  }
  heard.end();
  await heard.ended;
});

t.test('42. reading answers that are too large to be honest takes no more than a part of the time', async (t) => {
  const naps = new Naps();
  const { camera, simulated, signal } = await onvifLab(t, { deps: { clock: naps.clock } });
  await camera.facts(signal);
  simulated.faults.raw = { GetDeviceInformation: envelope(`<a>${' '.repeat(1_000_000)}</a>`) };
  const asked = camera.identity(signal);
  const { ms, over } = await naps.next();
  t.ok(ms > 1000, `a pause of ${ms} ms before the next question`);
  t.equal(simulated.count('GetNetworkInterfaces'), 0);
  over();
  t.equal((await asked).macs.length, 1, 'what it says besides is heard');
});

function envelope(content: string): string {
  return `<Envelope><Body>${content}</Body></Envelope>`;
}

t.test('A44: a pull-point is renewed before it ends, without a new one', async (t) => {
  const lab = await onvifLab(t);
  lab.simulated.faults.longestLifeMs = 10_000;
  lab.simulated.faults.pullsAtOnce = true;
  const heard = hear(lab);
  await until(() => lab.simulated.events.renewed > 0);
  t.equal(lab.simulated.events.created, 1);
  heard.end();
  await heard.ended;
});

t.test('A44: where Renew is a fault, a new one is made in time', async (t) => {
  const lab = await onvifLab(t);
  lab.simulated.faults.longestLifeMs = 10_000;
  lab.simulated.faults.refuse.Renew = ['env:Receiver', 'ter:ActionNotSupported'];
  const heard = hear(lab);
  await until(() => lab.simulated.events.created > 1);
  t.ok(lab.simulated.count('Renew') >= 1);
  lab.simulated.setMotion(true);
  await until(() => heard.events.length > 0);
  t.match(heard.events, [{ kind: 'motion', active: true }]);
  t.notOk(
    heard.states.some(({ state }) => state === 'waiting'),
    'it was never without one',
  );
  heard.end();
  await heard.ended;
});

t.test('after a restart of the camera a new pull-point is made, and what changed meanwhile is told', async (t) => {
  const lab = await onvifLab(t);
  const heard = hear(lab);
  await listening(heard);
  lab.simulated.setInput('I1', false);
  await until(() => lab.simulated.count('PullMessages') > 1);
  lab.simulated.events.forgetAll();
  lab.simulated.setInput('I1', true);
  await until(() => heard.events.some(({ active }) => active === true));
  t.match(heard.events.at(-1), { kind: 'digital-input', active: true, initial: true });
  t.ok(heard.states.some((state) => state.state === 'waiting' && state.code === 'onvif.refused'));
  t.equal(lab.simulated.events.created, 2);
  heard.end();
  await heard.ended;
});

t.test('A45: a camera without room for another listener is left alone for a while', async (t) => {
  const lab = await onvifLab(t);
  lab.simulated.faults.maxPullPoints = 0;
  const heard = hear(lab);
  await until(() => heard.states.some(({ state }) => state === 'waiting'));
  const waiting = heard.states.at(-1);
  t.match(waiting, { state: 'waiting', code: 'onvif.busy' });
  t.ok(waiting?.state === 'waiting' && waiting.retryMs >= 180_000);
  heard.end();
  await heard.ended;
});

t.test('B9: a page instead of the service means that there are no events, and is not asked again', async (t) => {
  for (const status of [200, 404]) {
    const lab = await onvifLab(t);
    lab.simulated.faults.html.CreatePullPointSubscription = status;
    const heard = hear(lab);
    await until(() => heard.states.some(({ state }) => state === 'absent'));
    heard.end();
    await heard.ended;
  }
  t.pass('both times');
});

t.test('B3: a camera that answers pulls at once is not asked without pause', async (t) => {
  const naps = new Naps();
  const lab = await onvifLab(t, { deps: { clock: naps.clock } });
  lab.simulated.faults.pullsAtOnce = true;
  const heard = hear(lab);
  for (let pulls = 1; pulls <= 3; pulls++) {
    // It goes on only when the pause is let go of: as many pulls as pauses.
    const nap = await naps.next();
    t.equal(nap.ms, 1000, 'a second between empty answers');
    t.equal(lab.simulated.count('PullMessages'), pulls);
    nap.over();
  }
  heard.end();
  await heard.ended;
});
