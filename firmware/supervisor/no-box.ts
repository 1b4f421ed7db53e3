import { BoxError, CameraAddresses } from '../base/index.ts';
import { checkSettings } from '../config/index.ts';
import { Control, LOCAL, type BoxPorts } from '../control/index.ts';
import { cameraRulesOf } from './camera-rules.ts';
import { probeVia } from './probe.ts';

/**
 * Operations where there is no data folder: what needs none works, everything else rejects with control.no-data-folder. Nothing
 * is created.
 */
export function openNoBox(dataFolder: string): {
  call(operation: string, input: unknown): Promise<unknown>;
  close(): Promise<void>;
} {
  const missing = (): BoxError => new BoxError('control.no-data-folder', { folder: dataFolder });
  // Whatever an operation asks of the box, it is not there.
  const ports = new Proxy({} as BoxPorts, {
    get: (_ports, name) => {
      if (name === 'probe') return probeVia(new CameraAddresses(cameraRulesOf(checkSettings({}), process.env)));
      throw missing();
    },
  });
  const control = new Control(ports, { online: false, audit: { note: () => {} } });
  return {
    call: async (operation, input) => {
      try {
        return await control.call(operation, input, LOCAL);
      } catch (error) {
        // Nothing runs there, but that is not what is wrong.
        throw error instanceof BoxError && error.code === 'control.not-running' ? missing() : error;
      }
    },
    close: async () => {},
  };
}
