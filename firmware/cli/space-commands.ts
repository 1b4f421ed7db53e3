import { BoxError } from '../base/index.ts';
import type { Command } from './command.ts';
import { numberOption } from './number-option.ts';
import { formatLocks, formatSpace } from './space-text.ts';

const LOCK_USAGE = 'lock --camera NAME --from ISO --to ISO --reason TEXT [--stream ID] [--days N]';

const lock: Command = {
  name: 'lock',
  usage: LOCK_USAGE,
  help: 'keeps a span of time of a camera from being overwritten, for N days or for ever; no copy is made',
  words: 0,
  options: {
    camera: { type: 'string' },
    stream: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    reason: { type: 'string' },
    days: { type: 'string' },
  },
  run: async ({ options, host }) => {
    const { camera, stream, from, to, reason } = options;
    const missing = Object.entries({ camera, from, to, reason }).filter(([, value]) => typeof value !== 'string');
    if (missing.length > 0) {
      const faults = missing.map(([key]) => `--${key}: is needed`);
      throw new BoxError('control.bad-input', { faults, usage: `ipvs ${LOCK_USAGE}` });
    }
    const made = await host.call('locks.add', {
      camera,
      from,
      to,
      reason,
      ...(stream === undefined ? {} : { stream }),
      ...numberOption(options, 'days'),
    });
    return { json: made, text: formatLocks([made]) };
  },
};

const unlock: Command = {
  name: 'unlock',
  usage: 'unlock ID',
  help: 'lifts a lock; its footage goes when it is the oldest',
  words: 1,
  run: async ({ words, host }) => {
    const lifted = (await host.call('locks.remove', { id: words[0] })) as { id: string };
    return { json: lifted, text: `Lifted ${lifted.id}. Its footage goes when it is the oldest.` };
  },
};

const locksList: Command = {
  name: 'locks list',
  usage: 'locks list',
  help: 'lists the locks that hold',
  words: 0,
  run: async ({ host }) => {
    const locks = await host.call('locks.list', {});
    return { json: locks, text: formatLocks(locks) };
  },
};

const spaceShow: Command = {
  name: 'space show',
  usage: 'space show',
  help: 'says how full the disks are, what deletion does, and which groups of cameras ask',
  words: 0,
  run: async ({ host }) => {
    const space = await host.call('space.show', {});
    return { json: space, text: formatSpace(space) };
  },
};

const spaceAnswer: Command = {
  name: 'space answer',
  usage: 'space answer GROUP overwrite-once|keep-stopped',
  help: 'answers a group of cameras that has stopped because the disks are full',
  words: 2,
  run: async ({ words, host }) => {
    const [group = '', decision = ''] = words;
    const answer = await host.call('space.answer', { group, decision });
    const means =
      decision === 'overwrite-once'
        ? 'records again and overwrites what it has recorded until now; after that it asks again.'
        : 'stays stopped until it is answered otherwise or there is room.';
    return { json: answer, text: `The group ${group} ${means}` };
  },
};

const spaceClock: Command = {
  name: 'space clock',
  usage: 'space clock right|wrong',
  help: 'says whether the clock of the box is right when it is ahead so far that nothing is deleted for its age',
  words: 1,
  run: async ({ words, host }) => {
    const answer = (await host.call('space.clock', { verdict: words[0] })) as { verdict: string };
    const means =
      answer.verdict === 'right'
        ? 'The clock counts: footage that is older than its limit is deleted.'
        : 'Nothing is deleted for its age until the clock is set, or said to be right.';
    return { json: answer, text: means };
  },
};

export const SPACE_COMMANDS: readonly Command[] = [lock, unlock, locksList, spaceShow, spaceAnswer, spaceClock];
