import { systemClock } from '../../firmware/base/index.ts';
import { checkSettings } from '../../firmware/config/index.ts';
import { NoticeDesk, type NoticePlan } from '../../firmware/notices/index.ts';
import { Problems } from '../../firmware/telemetry/index.ts';

/** A plan as the settings `notices` give it, allowed to reach this machine. */
export function planOf(notices: Record<string, unknown>): NoticePlan {
  const settings = checkSettings({ notices: { allowNetworks: ['127.0.0.0/8'], quietS: 0, ...notices } });
  const box = { id: 'b7c1', name: '商店 Shop' };
  return {
    notices: settings.notices,
    wording: { language: settings.notices.language, timeZone: 'Asia/Shanghai', box, nameOf: () => undefined },
  };
}

export interface DeskLab {
  readonly desk: NoticeDesk;
  readonly problems: Problems;
  /** What it has logged. */
  readonly lines: string[];
}

/** A desk with pauses of milliseconds, not started. */
export function makeDesk(
  dataFolder: string,
  plan: NoticePlan,
  options: { ownPorts?: readonly number[]; retryMs?: readonly number[]; graceMs?: number } = {},
): DeskLab {
  const problems = new Problems(systemClock);
  const lines: string[] = [];
  const desk = new NoticeDesk({
    dataFolder,
    plan,
    problems,
    clock: systemClock,
    ownPorts: () => options.ownPorts ?? [],
    log: (event, detail) => lines.push(JSON.stringify({ event, ...detail })),
    gatherMs: 20,
    graceMs: options.graceMs ?? 50,
    retryMs: options.retryMs ?? [10],
  });
  return { desk, problems, lines };
}
