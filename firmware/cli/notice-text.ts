import type { z } from 'zod';
import type { NoticeList } from '../control/index.ts';

type Report = z.output<typeof NoticeList>;

/** Channels and their state, then the notices with where they went. */
export function formatNotices(value: unknown): string {
  const { channels, dropped, notices } = value as Report;
  const head =
    channels.length === 0
      ? ['Nobody is told of anything yet. Add a channel: ipvs notices email set, ipvs notices webhook add']
      : channels.map(
          ({ id, target, minSeverity, state, waiting, error }) =>
            `${id}  ${target}  from ${minSeverity}  ${state}, ${waiting} waiting${error ? `: ${error.what} ${error.advice}` : ''}`,
        );
  const rows = notices.map(({ at, title, deliveries }) => {
    const ways = deliveries.map(({ channel, state, attempts, error }) => {
      const tries = attempts > 1 ? ` after ${attempts} attempts` : '';
      return `\n    ${channel}: ${state}${tries}${error && state !== 'delivered' ? ` (${error.code})` : ''}`;
    });
    return `${at}  ${title}${ways.join('')}`;
  });
  const lost = dropped === 0 ? [] : [`${dropped} notices were dropped before they could be delivered.`];
  return [...head, ...lost, ...(rows.length === 0 ? ['No notices so far.'] : rows)].join('\n');
}
