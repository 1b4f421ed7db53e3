/** The scenarios, in the order in which they run. */
import { changes } from './changes.ts';
import { churn, churnCopy, churnFlush } from './churn.ts';
import { clock } from './clock.ts';
import { damage } from './damage.ts';
import { full, readOnly, vanish } from './disks.ts';
import { hang } from './hang.ts';
import { hostile } from './hostile.ts';
import { kill } from './kill.ts';
import type { Scenario } from './lab.ts';
import { log } from './log.ts';
import { powerCopy } from './power-copy.ts';
import { powerFlush } from './power-flush.ts';
import { sockets } from './sockets.ts';
import { yank } from './yank.ts';

export const SCENARIOS: readonly Scenario[] = [
  kill,
  changes,
  powerCopy,
  powerFlush,
  churn,
  churnCopy,
  churnFlush,
  hang,
  full,
  readOnly,
  vanish,
  yank,
  clock,
  hostile,
  damage,
  log,
  sockets,
];
