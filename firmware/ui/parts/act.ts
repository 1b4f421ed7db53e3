import { useState } from 'preact/hooks';
import { explain, type Fault } from './fault.tsx';

export interface Act {
  readonly busy: boolean;
  readonly fault: Fault | undefined;
  /** Does nothing while it is at it. True if it went well. */
  readonly run: () => Promise<boolean>;
}

/** Something that the box is asked to do: once at a time, and with the reason if it does not. */
export function useAct(act: () => Promise<unknown>): Act {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const run = async (): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    setFault(undefined);
    try {
      await act();
      return true;
    } catch (error) {
      setFault(explain(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, fault, run };
}
