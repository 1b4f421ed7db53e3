import { join } from 'node:path';
import { systemClock } from '../base/index.ts';
import { isoOf, type StatePort } from '../control/index.ts';
import type { Recorder } from '../recording/index.ts';
import {
  countsOf,
  metricsText,
  SystemState,
  type StreamSight,
  type TerminalChange,
  type TerminalState,
} from '../state/index.ts';
import type { AuditPart } from './audit-part.ts';

const FOLDER = 'state';

const SEVERITY: Readonly<Record<TerminalState, 'info' | 'warning' | 'error'>> = {
  online: 'info',
  recording: 'info',
  offline: 'warning',
  failing: 'error',
};

/** The part that knows how machine, box and cameras are, with what control and the web door ask of it. */
export interface StateOfBox {
  readonly part: SystemState;
  readonly port: StatePort;
  /** In the text format of Prometheus, about the cameras that are seen. */
  metrics(sees: (camera: string) => boolean): Promise<string>;
}

export function stateOfBox(box: {
  readonly dataFolder: string;
  readonly version: string;
  readonly recorder: Pick<Recorder, 'ask'>;
  readonly audit: Pick<AuditPart, 'event'>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}): StateOfBox {
  const { dataFolder, version, recorder, audit, log } = box;
  const part = new SystemState({
    folder: join(dataFolder, FOLDER),
    clock: systemClock,
    sights: () => sightsOf(recorder),
    changed: (change) => tell(audit, change),
    log,
  });
  return { part, port: portOf(part), metrics: (sees) => metricsOf(part, sees, version) };
}

function metricsOf(part: SystemState, sees: (camera: string) => boolean, version: string): Promise<string> {
  const streams = part.now.streams.filter(({ camera }) => sees(camera));
  const counts = countsOf(part.terminals.list().filter(({ camera }) => sees(camera)));
  return metricsText({ ...part.now, streams }, counts, version);
}

function portOf(part: SystemState): StatePort {
  return {
    now: () => {
      const { atUs, machine, identity, process, streams } = part.now;
      return {
        at: isoOf(atUs),
        ...(machine && { machine: machineOf(machine) }),
        ...(identity && { identity }),
        process,
        streams: [...streams],
      };
    },
    series: () => part.history.names(),
    history: async ({ series, ...wanted }) => {
      const nowUs = systemClock.wallUs();
      const lines = [];
      for (const name of series) {
        const { stepS, points } = await part.history.read({ ...wanted, series: name }, nowUs);
        lines.push({
          series: name,
          stepS,
          points: points.map(({ atUs, mean, max }) => ({ at: isoOf(atUs), mean, max })),
        });
      }
      return { lines };
    },
    terminals: () =>
      part.terminals.list().map(({ camera, name, state, sinceUs }) => ({ camera, name, state, since: isoOf(sinceUs) })),
  };
}

function machineOf({ temperatureC, load, networks, disks, ...machine }: NonNullable<SystemState['now']['machine']>) {
  return {
    ...machine,
    load: [...load],
    networks: [...networks],
    disks: [...disks],
    ...(temperatureC === undefined ? {} : { temperatureC }),
  };
}

async function sightsOf(recorder: Pick<Recorder, 'ask'>): Promise<StreamSight[]> {
  const { streams } = await recorder.ask('report', {});
  return streams.map(({ camera, name, stream, connection, recording, error, bitsPerSecond, packetsLost, frames }) => {
    const faulty = error !== undefined;
    return { camera, name, stream, connection, recording, faulty, bitsPerSecond, packetsLost, frames };
  });
}

function tell(audit: Pick<AuditPart, 'event'>, { camera, from, to, counts }: TerminalChange): void {
  audit.event(`camera.${to}`, SEVERITY[to], `camera/${camera}`, { from: from ?? 'unknown', ...counts });
}
