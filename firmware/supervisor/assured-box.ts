import { MissingWatch } from '../assurance/index.ts';
import { systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import type { BoxPorts } from '../control/index.ts';
import type { Recorder, RecorderReport } from '../recording/index.ts';
import type { Problems } from '../telemetry/index.ts';
import { AssuranceBooks, AssurancePart } from './assurance-part.ts';
import type { CataloguePart } from './catalogue-part.ts';
import { PlanningPart } from './planning-part.ts';

interface Rooms {
  readonly store: SettingsStore;
  readonly catalogue: CataloguePart;
  readonly recorder: Recorder;
  readonly problems: Problems;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** The parts that promise and plan, with what control asks of them. */
export interface AssuredBox {
  readonly assurance: AssurancePart;
  readonly planning: PlanningPart;
  readonly ports: Pick<BoxPorts, 'assurance' | 'planning'>;
}

/** Opens the books of assurance; recording does not depend on them, so neither does the start of the box. */
export async function assuredBox({ store, catalogue, recorder, problems, log }: Rooms): Promise<AssuredBox> {
  const watch = new MissingWatch();
  const books = await AssuranceBooks.open(store.folder, catalogue, {
    observed: (camera) => watch.observed(camera),
    failed: (error) => log('assurance.not-read', { reason: String(error) }),
  });
  const clock = systemClock;
  const report = (): Promise<RecorderReport> => recorder.ask('report', {});
  const assurance = new AssurancePart({ books, watch, store, problems, clock, report, log });
  const promisedSinceUs = (camera: string): number => assurance.promisedSinceUs(camera);
  const planning = new PlanningPart({ store, catalogue, problems, clock, report, promisedSinceUs, log });
  return { assurance, planning, ports: { assurance: books.port(store, clock), planning: planning.port } };
}
