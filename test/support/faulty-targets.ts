import { BoxError } from '../../firmware/base/index.ts';
import type { FuzzTarget } from '../fuzz/target.ts';

const kept: Buffer[] = [];
/** What an input of the slow target costs. */
const SLOW_COST_MS = 6;

/** Uses up processor time of this thread, however much of it the machine gives to others meanwhile. */
function spin(ms: number): void {
  const before = process.threadCpuUsage();
  for (
    let used = { user: 0, system: 0 };
    (used.user + used.system) / 1000 <= ms;
    used = process.threadCpuUsage(before)
  ) {
    for (let n = 0; n < 1000; n++) Math.random();
  }
}

/** Parsers with one fault each: what a fuzzer has to find. */
export const targets: readonly FuzzTarget[] = [
  {
    name: 'sound',
    seeds: () => [Buffer.from('length=4;abcd')],
    run: (input) => {
      if (input.includes('x')) throw new BoxError('rtsp.protocol');
    },
  },
  {
    name: 'throws',
    seeds: () => [Buffer.from('a long text with length=12 in the middle of many other words')],
    run: (input) => {
      const length = /length=(\d+)/.exec(input.toString('latin1'))?.[1];
      if (Number(length) > 1000) throw new RangeError(`length ${length}`);
    },
  },
  {
    name: 'rejects late',
    seeds: () => [Buffer.from('abc')],
    run: (input) => {
      if (input.includes('cc')) void Promise.reject(new Error('nobody waits'));
    },
  },
  {
    name: 'reports a bug',
    seeds: () => [Buffer.from('abc')],
    run: async (input) => {
      if (input.length > 8) throw new BoxError('box.bug');
    },
  },
  {
    name: 'slow',
    seeds: () => [Buffer.from('abc')],
    run: (input) => {
      if (input.length > 8) spin(SLOW_COST_MS);
    },
  },
  {
    name: 'hangs',
    seeds: () => [Buffer.from('abc')],
    run: (input) => {
      if (input.length > 8) spin(Infinity);
    },
  },
  {
    name: 'leaks',
    seeds: () => [Buffer.from('abc')],
    run: () => {
      kept.push(Buffer.alloc(10_000));
    },
  },
];
