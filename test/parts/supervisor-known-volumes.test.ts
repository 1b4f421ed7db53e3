import t from 'tap';
import { KnownVolumes } from '../../firmware/supervisor/known-volumes.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.test('volumes that are opened at the same moment are all noted, and still known after a restart', async (t) => {
  const folder = await tempFolder(t);
  const known = await KnownVolumes.open(folder);
  const ids = Array.from({ length: 8 }, (_, i) => `disk-${i}`);
  await Promise.all(ids.map((id) => known.note(id, `uuid-of-${id}`)));
  const again = await KnownVolumes.open(folder);
  t.same([...again.ids].sort(), ids);
  t.equal(again.idOf('uuid-of-disk-3'), 'disk-3');
});
