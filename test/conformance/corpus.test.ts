import t from 'tap';
import { conformanceFolders } from '../../scripts/lib/conformance-data.ts';
import { readCorpus, runCase } from './corpus.ts';

const folders = conformanceFolders();
if (folders.length === 0) {
  t.pass('no recorded data of cameras and disks here', { skip: 'name its folders in IPVS_CONFORMANCE_DIR' });
}
for (const folder of folders) {
  for (const entry of await readCorpus(folder)) {
    const { outcome, words } = await runCase(entry, folder);
    const title = entry.file ?? '(no file)';
    if (outcome === 'skipped') t.pass(title, { skip: words.join('; ') });
    else t.test(title, async (t) => t.strictSame(words, []));
  }
}
