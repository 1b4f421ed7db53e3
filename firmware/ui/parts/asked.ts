import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Input, type OperationName, type Output } from '../box/client.ts';
import { explain, type Fault } from './fault.tsx';

export interface Asked<T> {
  /** The last answer; stays while the next one is awaited. */
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  readonly waits: boolean;
  readonly again: () => Promise<void>;
}

/** What is shown now, each with the way to ask for it again. */
const shown = new Map<object, { readonly name: OperationName; readonly again: () => Promise<void> }>();

/** Something was changed from this window: whatever is shown of these operations, anywhere on the page, is asked again at once. */
export async function askAgain(...names: readonly OperationName[]): Promise<void> {
  await Promise.all([...shown.values()].filter(({ name }) => names.includes(name)).map(({ again }) => again()));
}

/**
 * What an operation answers, asked when the page opens, when the input changes and every `everyMs` while the page is to be seen.
 * `input` undefined: not asked at all.
 */
export function useAsked<N extends OperationName>(
  name: N,
  input: Input<N> | undefined,
  options: { everyMs?: number } = {},
): Asked<Output<N>> {
  const [answer, setAnswer] = useState<{ value?: Output<N>; fault?: Fault | undefined; waits: boolean }>({
    waits: input !== undefined,
  });
  const text = input === undefined ? undefined : JSON.stringify(input);
  const latest = useRef<AbortController | undefined>(undefined);
  const look = async (): Promise<void> => {
    if (text === undefined) return;
    latest.current?.abort();
    const own = new AbortController();
    latest.current = own;
    try {
      const value = await ask(name, ...([JSON.parse(text), { signal: own.signal }] as never));
      if (!own.signal.aborted) setAnswer({ value, waits: false });
    } catch (error) {
      if (!own.signal.aborted) setAnswer((before) => ({ ...before, fault: explain(error), waits: false }));
    }
  };
  useEffect(() => {
    setAnswer((before) => ({ ...before, waits: text !== undefined }));
    void look();
    const key = {};
    if (text !== undefined) shown.set(key, { name, again: look });
    const timer =
      options.everyMs === undefined
        ? undefined
        : setInterval(() => {
            if (!document.hidden) void look();
          }, options.everyMs);
    return () => {
      shown.delete(key);
      clearInterval(timer);
      latest.current?.abort();
    };
  }, [name, text, options.everyMs]);
  return { value: answer.value, fault: answer.fault, waits: answer.waits, again: look };
}
