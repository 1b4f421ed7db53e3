import type { JSX } from 'preact';
import { BoxFault, NO_ANSWER } from '../box/client.ts';
import { moment } from '../words/format.ts';
import { faultWords, t } from '../words/index.ts';

export interface Fault {
  readonly code: string;
  readonly what: string;
  readonly advice: string;
  readonly details: readonly string[];
}

/** What went wrong, in words for people. What the window cannot explain goes to its console. */
export function explain(error: unknown): Fault {
  if (!(error instanceof BoxFault)) {
    console.error(error);
    return { code: 'window.bug', what: t('fault.bug'), advice: t('fault.bug.advice'), details: [] };
  }
  if (error.code === NO_ANSWER) {
    return { code: NO_ANSWER, what: t('fault.noAnswer'), advice: t('fault.noAnswer.advice'), details: [] };
  }
  const { faults, until } = error.context;
  const words = faultWords({ code: error.code, what: error.message, advice: error.advice });
  return {
    code: error.code,
    ...words,
    details: [...(Array.isArray(faults) ? faults.map(String) : []), ...untilWords(until)],
  };
}

/** When it can be had, where the box knows. */
export function untilWords(until: unknown): string[] {
  return typeof until === 'string' ? [t('fault.until', { time: moment(until) })] : [];
}

export function FaultNote({ fault, act }: { fault: Fault | undefined; act?: JSX.Element }): JSX.Element | null {
  if (!fault) return null;
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{fault.what}</strong> {fault.advice}
      </p>
      {fault.details.length > 0 && (
        <ul>
          {fault.details.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      {act}
    </div>
  );
}
