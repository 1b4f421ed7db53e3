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
  const portsFor = (tests: boolean): BoxPorts =>
    new Proxy({} as BoxPorts, {
      get: (_ports, name) => {
        // The test of an address looks which cameras there are, and there is none.
        if (name === 'settings' && tests) return { cameras: () => [] };
        if (name === 'probe') return probeVia(new CameraAddresses(cameraRulesOf(checkSettings({}), process.env)));
        throw missing();
      },
    });
  return {
    call: async (operation, input) => {
      const tests = operation === 'cameras.test' && (input as { url?: unknown } | undefined)?.url !== undefined;
      const control = new Control(portsFor(tests), { online: false, audit: { note: () => {} } });
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
