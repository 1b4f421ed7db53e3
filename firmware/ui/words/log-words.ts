import type { Output } from '../box/client.ts';
import { cameras } from '../box/live.ts';
import { faultWords, t, tOf } from './index.ts';
import { subjectName } from './problem-words.ts';

type Entry = Output<'log.list'>['entries'][number];

/** One line of the log as a person says it; the names of operations and events stand where there are no words. */
export function eventWords({ what, subject, detail }: Entry): string {
  const name =
    subject === undefined || subject === 'box'
      ? ''
      : subjectName(subject.includes('/') ? subject : `camera/${subject}`, cameras.value);
  const about = tOf('event', what);
  const code = typeof detail?.['code'] === 'string' ? detail['code'] : undefined;
  const problem = code === undefined ? '' : faultWords({ code, what: code, advice: '' }).what;
  return [name, about, problem].filter(Boolean).join(t('colon'));
}
