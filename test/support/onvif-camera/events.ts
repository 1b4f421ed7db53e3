/** Pull-points of the simulated camera: they hold, they end, they are renewed, and they run out of room. */
import { find, textAt } from '../../../firmware/onvif/xml/element.ts';
import { durationMsFrom } from '../../../firmware/onvif/xml/values.ts';
import type { PullPoint } from './event-desk.ts';
import { escape } from './request.ts';
import type { CameraState, Handler } from './state.ts';

export const events: Readonly<Record<string, Handler>> = {
  CreatePullPointSubscription: (camera, { body }) => {
    const asked = durationMsFrom(textAt(body, 'InitialTerminationTime')) ?? 60_000;
    const lifeMs = Math.min(asked, camera.faults.longestLifeMs);
    const point = camera.events.create(camera, lifeMs);
    return (
      `<tev:SubscriptionReference><wsa5:Address>${escape(camera.xaddr('events'))}</wsa5:Address><wsa5:ReferenceParameters>` +
      `<sim:SubscriptionId xmlns:sim="urn:simulated">${point.id}</sim:SubscriptionId></wsa5:ReferenceParameters></tev:SubscriptionReference>` +
      times('wsnt', camera, lifeMs)
    );
  },
  PullMessages: async (camera, request) => {
    const point = camera.events.find(request);
    const holdMs = camera.faults.pullsAtOnce ? 0 : (durationMsFrom(textAt(request.body, 'Timeout')) ?? 0);
    const limit = Number(textAt(request.body, 'MessageLimit') ?? 10);
    if (point.queue.length === 0 && holdMs > 0) await held(point, holdMs);
    const messages = point.queue.splice(0, limit);
    return times('tev', camera, point.endsMs - Date.now()) + messages.join('');
  },
};

export const notification: Readonly<Record<string, Handler>> = {
  Renew: (camera, request) => {
    const point = camera.events.find(request);
    const asked = durationMsFrom(find(request.body, 'TerminationTime')?.text) ?? 60_000;
    const lifeMs = Math.min(asked, camera.faults.longestLifeMs);
    point.endsMs = Date.now() + lifeMs;
    camera.events.renewed++;
    return times('wsnt', camera, lifeMs);
  },
  Unsubscribe: (camera, request) => {
    camera.events.end(camera.events.find(request));
    return '';
  },
};

async function held(point: PullPoint, holdMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, holdMs);
  point.wake = resolve;
  await promise;
  clearTimeout(timer);
  point.wake = () => undefined;
}

function times(prefix: 'wsnt' | 'tev', camera: CameraState, leftMs: number): string {
  const text = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
  return (
    `<${prefix}:CurrentTime>${text(camera.nowMs)}</${prefix}:CurrentTime>` +
    `<${prefix}:TerminationTime>${text(camera.nowMs + leftMs)}</${prefix}:TerminationTime>`
  );
}
