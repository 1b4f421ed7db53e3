import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker } from '../operation.ts';
import { HistoryAnswer, HistoryWanted, SystemNow, TerminalStatistics } from '../state-shapes.ts';

const OF_CAMERA = /^camera\.([a-z0-9-]+)\./;

export const stateNow = operation({
  name: 'state.now',
  title: 'How machine, box and streams are now',
  effect: 'read',
  right: 'state',
  offline: false,
  input: z.object({}),
  output: SystemNow,
  seen: (now, asker) => ({ ...now, streams: now.streams.filter(({ camera }) => asker.sees(camera)) }),
  handle: async (_input, box) => ({ ...box.state.now(), conversion: await box.conversion() }),
});

export const stateSeries = operation({
  name: 'state.series',
  title: 'What there is a history of',
  effect: 'read',
  right: 'state',
  offline: false,
  input: z.object({}),
  output: z.object({ series: z.array(z.string()) }),
  handle: async (_input, box, asker) => ({ series: box.state.series().filter((name) => maySee(name, asker)) }),
});

export const stateHistory = operation({
  name: 'state.history',
  title: 'How machine, box and streams were',
  effect: 'read',
  right: 'state',
  offline: false,
  input: HistoryWanted,
  output: HistoryAnswer,
  handle: async ({ series, from, to, points }, box, asker) => {
    if (to <= from) throw new BoxError('control.bad-input', { faults: ['to: must be later than from'] });
    return box.state.history({ series: series.filter((name) => maySee(name, asker)), fromUs: from, toUs: to, points });
  },
});

export const terminalsStatistics = operation({
  name: 'terminals.statistics',
  title: 'How many cameras are online, offline, recording and failing, and which',
  effect: 'read',
  right: 'none',
  offline: false,
  input: z.object({}),
  output: TerminalStatistics,
  handle: async (_input, box, asker) => {
    const terminals = box.state.terminals().filter(({ camera }) => asker.sees(camera));
    const of = (wanted: string): number => terminals.filter(({ state }) => state === wanted).length;
    const offline = of('offline');
    return {
      total: terminals.length,
      online: terminals.length - offline,
      offline,
      recording: of('recording'),
      failing: of('failing'),
      terminals,
    };
  },
});

function maySee(series: string, asker: Asker): boolean {
  // How many cameras there are is for those who see them all.
  if (series.startsWith('terminals.')) return asker.sees(EVERY_CAMERA);
  const camera = OF_CAMERA.exec(series)?.[1];
  return camera === undefined || asker.sees(camera);
}
