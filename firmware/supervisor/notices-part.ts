import { BoxError, systemClock } from '../base/index.ts';
import type { Settings, SettingsDraft, SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import { NoticeDesk, sendTest, type NoticePlan } from '../notices/index.ts';
import type { Problems } from '../telemetry/index.ts';

type Port = BoxPorts['notices'];
type Listed = Awaited<ReturnType<Port['list']>>;

/** The part that tells people, following the settings. `ownPorts`: where the box listens. */
export function noticeDesk(
  store: SettingsStore,
  problems: Problems,
  ownPorts: () => readonly number[],
  log: (event: string, detail: Record<string, unknown>) => void,
): NoticeDesk {
  const plan = noticePlanOf(store.settings);
  const desk = new NoticeDesk({ dataFolder: store.folder, plan, problems, clock: systemClock, ownPorts, log });
  store.listen((settings) => desk.apply(noticePlanOf(settings)));
  return desk;
}

/** Notices as operations see them; with a desk the running box, without one what a stopped box can do. */
export function noticesPort(store: SettingsStore, desk?: NoticeDesk): Port {
  return {
    list: async (limit) => {
      if (!desk) throw new BoxError('control.not-running', { folder: store.folder });
      return listed(desk, limit);
    },
    test: async (channel) => {
      if (desk) await desk.test(channel);
      else await sendTest(noticePlanOf(store.settings), channel, { ownPorts: () => [], clock: systemClock });
    },
    set: async (change) => {
      const { notices } = await store.update((draft) => {
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        Object.assign(draft.notices, Object.fromEntries(given));
      });
      const { language, quietS, allowNetworks } = notices;
      return { language, quietS, allowNetworks: [...allowNetworks] };
    },
    setEmail: async (email) => {
      await store.update((draft) => {
        // Checked, and completed with the defaults, by the schema before anything is written.
        draft.notices.email = (email ?? {}) as SettingsDraft['notices']['email'];
      });
    },
    addWebhook: async (webhook) => {
      await store.update((draft) => {
        if (draft.notices.webhooks.some(({ id }) => id === webhook.id)) {
          throw new BoxError('notices.channel-exists', { channel: `webhook/${webhook.id}` });
        }
        draft.notices.webhooks.push(webhook);
      });
    },
    removeWebhook: async (id) => {
      await store.update((draft) => {
        const others = draft.notices.webhooks.filter((webhook) => webhook.id !== id);
        if (others.length === draft.notices.webhooks.length) {
          throw new BoxError('notices.no-such-channel', { channel: `webhook/${id}` });
        }
        draft.notices.webhooks = others;
      });
    },
  };
}

function noticePlanOf({ notices, box, site, cameras }: Settings): NoticePlan {
  const names = new Map(cameras.map(({ id, name }) => [`camera/${id}`, name || undefined]));
  const nameOf = (subject: string): string | undefined => names.get(subject);
  const { id, name } = box;
  return { notices, wording: { language: notices.language, timeZone: site.timeZone, box: { id, name }, nameOf } };
}

function listed(desk: NoticeDesk, limit: number): Listed {
  const { channels, dropped, notices } = desk.report(limit);
  return {
    dropped,
    channels: channels.map(({ id, target, minSeverity, waiting, failures, error, deliveredAtUs }) => ({
      id,
      target,
      minSeverity,
      waiting,
      state: failures > 0 ? 'failing' : deliveredAtUs === undefined ? 'untried' : 'ok',
      ...(deliveredAtUs === undefined ? {} : { delivered: isoOf(deliveredAtUs) }),
      ...(error && { error: faultOf(error) }),
    })),
    notices: notices.map(({ id, atUs, kind, title, deliveries }) => ({
      id,
      at: isoOf(atUs),
      kind,
      title,
      deliveries: deliveries.map(({ channel, state, attempts, error }) => ({
        channel,
        state,
        attempts,
        ...(error && { error: faultOf(new BoxError(error.code)) }),
      })),
    })),
  };
}

function faultOf({ code, what, advice }: BoxError): { code: string; what: string; advice: string } {
  return { code, what, advice };
}
