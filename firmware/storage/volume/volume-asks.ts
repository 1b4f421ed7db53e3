import { BoxError } from '../../base/index.ts';
import type { VolumeAsk, VolumeAsks } from '../jobs/job-ports.ts';
import type { Volume } from './volume.ts';

type Handlers = { [K in VolumeAsk]: (volume: Volume, args: VolumeAsks[K]['args']) => unknown };

const HANDLERS: Handlers = {
  reserve: (volume, { camera, stream, startUs }) => volume.reserve({ camera, stream, startUs }),
  receive: (volume, { open, close }) => volume.receive(open, close),
  append: async (volume, { records }) => {
    const errors = await Promise.all(records.map((record) => volume.appendRecord(record)));
    const error = errors.find((each) => each !== undefined);
    if (error) throw error;
  },
  abandon: (volume) => volume.abandonReserved(),
  remove: (volume, { sequence, path }) => volume.deleteSegment(sequence, path),
};

/**
 * Answers what a job wants of a volume, where the volumes are. Rejects with the volume's error, or storage.not-mounted if there is no
 * such volume in use.
 */
export async function answerVolumeAsk<K extends VolumeAsk>(
  volume: Volume | undefined,
  ask: K,
  args: VolumeAsks[K]['args'],
): Promise<VolumeAsks[K]['answer']> {
  if (!volume) throw new BoxError('storage.not-mounted', { volume: args.volume });
  return (await HANDLERS[ask](volume, args)) as VolumeAsks[K]['answer'];
}
