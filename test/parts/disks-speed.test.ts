import t from 'tap';
import { LatencyWatch, type LatencyCounts } from '../../firmware/disks/index.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MINUTE_US = 60_000_000;
const HOUR = 60;
const BOUNDS = [1, 10, 100, 1000, 4000];

/** A volume whose operations fall into one range of time after another. */
class Writer {
  readonly #buckets: number[] = BOUNDS.map(() => 0);
  #minute = 0;

  /** Observes so many minutes of work in a range, and gives the codes of the last findings. */
  async work(watch: LatencyWatch, minutes: number, range: number): Promise<string[]> {
    let codes: string[] = [];
    const end = this.#minute + minutes;
    for (; this.#minute < end; this.#minute++) {
      this.#buckets[range]! += 30;
      const count = this.#buckets.reduce((sum, n) => sum + n, 0);
      const writes: LatencyCounts = { bounds: BOUNDS, buckets: [...this.#buckets], count, maxMs: 0 };
      const monoUs = this.#minute * MINUTE_US;
      const now = { wallUs: Date.UTC(2026, 5, 1) * 1000 + monoUs, monoUs };
      codes = (await watch.observe('main', { writes, syncs: undefined }, now)).map(
        ({ code, level }) => `${level} ${code}`,
      );
    }
    return codes;
  }
}

t.test('a volume that grows slow is named, also after a restart, and cleared when it is quick again', async (t) => {
  const folder = await tempFolder(t);
  const writer = new Writer();
  t.strictSame(await writer.work(new LatencyWatch(folder), 72 * HOUR, 1), [], 'it is always like that');
  const watch = new LatencyWatch(folder);
  t.strictSame(await writer.work(watch, 30, 1), []);
  t.strictSame(await writer.work(watch, 30, 2), ['notice slower']);
  t.strictSame(await writer.work(watch, 60, 1), []);
});
