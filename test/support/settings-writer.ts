/** A process that updates the settings in a folder as fast as it can, for tests that kill it. Says `ready` once it is in its stride. */
import { checkSettings, SettingsStore } from '../../firmware/config/index.ts';

const [folder = ''] = process.argv.slice(2);
const store = await SettingsStore.open(folder);
for (let n = 1; ; n++) {
  // Every part of the file tells the number of its update, so that a mixed file cannot pass for a whole one.
  const { cameras } = checkSettings({
    cameras: Array.from({ length: 40 }, (_, at) => ({
      id: `cam-${at}`,
      name: `update ${n}`,
      streams: [{ id: 'main', url: `rtsp://10.0.0.1/${n}` }],
    })),
  });
  await store.update((draft) => {
    draft.box.name = `update ${n}`;
    draft.cameras = cameras;
  });
  if (n === 3) process.stdout.write('ready\n');
}
